/** The picture that marks are cut from: priority shapes with their digit, symbols, rings. */
import type { MapPalette } from './palette'

export const CELL_PX = 64
export const CELLS_A_SIDE = 4
/** Cells 0-3: priorities 1-4 with a digit; 4-7: the same, small, without. */
export const CELL_SMALL = 4
export const CELL_SYMBOL = 8
export const CELL_SYMBOL_OTHER = 9
export const CELL_SELECTED = 10
export const CELL_HOVER = 11
export const CELL_HALO = 12
export const CELL_JUNCTION = 13
export const CELL_CAMERA = 14

type Pen = CanvasRenderingContext2D

/** Traces the shape of a priority, the same everywhere: triangle, diamond, square, circle. */
export function tracePriority(pen: Pen, priority: number, cx: number, cy: number, r: number): void {
  pen.beginPath()
  if (priority === 1) {
    pen.moveTo(cx, cy - r)
    pen.lineTo(cx + r * 0.98, cy + r * 0.76)
    pen.lineTo(cx - r * 0.98, cy + r * 0.76)
  } else if (priority === 2) {
    pen.moveTo(cx, cy - r)
    pen.lineTo(cx + r, cy)
    pen.lineTo(cx, cy + r)
    pen.lineTo(cx - r, cy)
  } else if (priority === 3) {
    const s = r * 0.8
    pen.roundRect(cx - s, cy - s, 2 * s, 2 * s, r * 0.12)
  } else {
    pen.arc(cx, cy, r * 0.86, 0, 2 * Math.PI)
  }
  pen.closePath()
}

function drawPriority(
  pen: Pen,
  palette: MapPalette,
  priority: number,
  cx: number,
  cy: number,
  digit: boolean,
) {
  pen.lineJoin = 'round'
  tracePriority(pen, priority, cx, cy, 24)
  pen.strokeStyle = palette.priorityEdge
  pen.lineWidth = 9
  pen.stroke()
  pen.fillStyle = palette.priority[priority - 1] ?? palette.text
  pen.fill()
  if (!digit) return
  pen.fillStyle = palette.priorityInk
  pen.font = `700 ${priority === 1 ? 25 : 28}px "Inter Variable", sans-serif`
  pen.textAlign = 'center'
  pen.textBaseline = 'alphabetic'
  pen.fillText(String(priority), cx, cy + (priority === 1 ? 13.5 : 10))
}

function drawRing(pen: Pen, color: string, cx: number, cy: number, r: number, width: number, alpha: number) {
  pen.globalAlpha = alpha
  pen.beginPath()
  pen.arc(cx, cy, r, 0, 2 * Math.PI)
  pen.strokeStyle = color
  pen.lineWidth = width
  pen.stroke()
  pen.globalAlpha = 1
}

/** Fills what was traced and draws its edge, as every symbol has it. */
function drawBody(pen: Pen, palette: MapPalette) {
  pen.lineJoin = 'round'
  pen.fillStyle = palette.symbolFill
  pen.fill()
  pen.strokeStyle = palette.symbol
  pen.lineWidth = 6
  pen.stroke()
}

function drawCabinet(pen: Pen, palette: MapPalette, cx: number, cy: number) {
  pen.beginPath()
  pen.roundRect(cx - 20, cy - 24, 40, 48, 6)
  drawBody(pen, palette)
  pen.beginPath()
  pen.moveTo(cx, cy - 22)
  pen.lineTo(cx, cy + 22)
  pen.lineWidth = 4
  pen.stroke()
}

/** A signal head with its three lamps. */
function drawJunction(pen: Pen, palette: MapPalette, cx: number, cy: number) {
  pen.beginPath()
  pen.roundRect(cx - 14, cy - 26, 28, 52, 14)
  drawBody(pen, palette)
  pen.fillStyle = palette.symbol
  for (const dy of [-14, 0, 14]) {
    pen.beginPath()
    pen.arc(cx, cy + dy, 5, 0, 2 * Math.PI)
    pen.fill()
  }
}

/** A housing and its lens. */
function drawCamera(pen: Pen, palette: MapPalette, cx: number, cy: number) {
  pen.beginPath()
  pen.roundRect(cx - 26, cy - 15, 34, 30, 6)
  drawBody(pen, palette)
  pen.beginPath()
  pen.moveTo(cx + 10, cy - 3)
  pen.lineTo(cx + 25, cy - 14)
  pen.lineTo(cx + 25, cy + 14)
  pen.lineTo(cx + 10, cy + 3)
  pen.closePath()
  drawBody(pen, palette)
}

function drawOther(pen: Pen, palette: MapPalette, cx: number, cy: number) {
  pen.beginPath()
  pen.arc(cx, cy, 20, 0, 2 * Math.PI)
  drawBody(pen, palette)
}

/** Draws all cells; called once for each theme. */
export function drawAtlas(palette: MapPalette): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = CELL_PX * CELLS_A_SIDE
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('no 2d canvas')
  const centre = (cell: number): [number, number] => [
    (cell % CELLS_A_SIDE) * CELL_PX + CELL_PX / 2,
    Math.floor(cell / CELLS_A_SIDE) * CELL_PX + CELL_PX / 2,
  ]
  for (let priority = 1; priority <= 4; priority++) {
    drawPriority(pen, palette, priority, ...centre(priority - 1), true)
    drawPriority(pen, palette, priority, ...centre(CELL_SMALL + priority - 1), false)
  }
  drawCabinet(pen, palette, ...centre(CELL_SYMBOL))
  drawOther(pen, palette, ...centre(CELL_SYMBOL_OTHER))
  drawJunction(pen, palette, ...centre(CELL_JUNCTION))
  drawCamera(pen, palette, ...centre(CELL_CAMERA))
  const [sx, sy] = centre(CELL_SELECTED)
  drawRing(pen, palette.halo, sx, sy, 25, 9, 0.8)
  drawRing(pen, palette.ring, sx, sy, 25, 4, 1)
  drawRing(pen, palette.ring, ...centre(CELL_HOVER), 25, 3, 0.75)
  drawRing(pen, palette.priority[0], ...centre(CELL_HALO), 26, 4, 0.9)
  return canvas
}
