/** Drawing an area by hand: click corners, Enter or the first corner closes, Escape gives up. */
import type { Ring } from '../api/contract'
import type { Tool } from '../focus.svelte'

type Point = [number, number]

export class Drawing {
  private corners: Ring = []
  private pointer: Point | null = null

  constructor(
    readonly tool: Exclude<Tool, 'none'>,
    private readonly onChange: (ring: Ring) => void,
    private readonly onDone: (ring: Ring) => void,
  ) {}

  get count(): number {
    return this.corners.length
  }

  move(point: Point): void {
    this.pointer = point
    this.onChange(this.preview())
  }

  /** `nearFirst`: the click fell on the first corner. */
  click(point: Point, nearFirst: boolean): void {
    if (this.tool === 'polygon' && nearFirst && this.corners.length >= 3) return this.close()
    this.corners.push(point)
    if (this.tool === 'rectangle' && this.corners.length === 2) return this.close()
    this.onChange(this.preview())
  }

  first(): Point | null {
    return this.corners[0] ?? null
  }

  back(): void {
    this.corners.pop()
    this.onChange(this.preview())
  }

  close(): void {
    const ring = this.tool === 'rectangle' ? rectangle(this.corners) : this.corners
    if (ring.length >= 3) this.onDone(ring)
  }

  private preview(): Ring {
    const drawn = this.pointer ? [...this.corners, this.pointer] : this.corners
    return this.tool === 'rectangle' && drawn.length === 2 ? rectangle(drawn) : drawn
  }
}

function rectangle(corners: Ring): Ring {
  const [a, b] = [corners[0], corners.at(-1)]
  if (!a || !b || a === b) return []
  return [
    [a[0], a[1]],
    [b[0], a[1]],
    [b[0], b[1]],
    [a[0], b[1]],
  ]
}
