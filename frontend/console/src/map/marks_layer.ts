/** What must be seen above the points: symbols, faults by priority, the hovered and the selected twin. */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from 'maplibre-gl'
import { CELL_SMALL, CELLS_A_SIDE, drawAtlas } from './atlas'
import { linkProgram, ramp, type Uniforms, uniformsOf } from './gl'
import { matrixAt, mercatorX, mercatorY } from './mercator'
import type { MapPalette } from './palette'

export type Mark = { lon: number; lat: number; cell: number; size: number; minZoom: number; alpha: number }
const BYTES = 12

const VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform float u_zoom, u_scale, u_digits;
layout(location=0) in vec2 a_offset;
layout(location=1) in uvec4 a_look;
flat out vec2 v_cell;
out float v_alpha;
void main() {
  gl_Position = u_matrix * vec4(a_offset, 0.0, 1.0);
  uint cell = a_look.x;
  if (cell < 4u && cell >= 2u && u_digits < 0.5) cell += ${CELL_SMALL}u;
  v_cell = vec2(float(cell % ${CELLS_A_SIDE}u), float(cell / ${CELLS_A_SIDE}u)) / ${CELLS_A_SIDE}.0;
  v_alpha = float(a_look.w) / 255.0;
  gl_PointSize = float(a_look.y) * u_scale;
  if (u_zoom * 10.0 < float(a_look.z)) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}`

const FRAGMENT = `#version 300 es
precision mediump float;
uniform sampler2D u_atlas;
flat in vec2 v_cell;
in float v_alpha;
out vec4 color;
void main() {
  color = texture(u_atlas, v_cell + gl_PointCoord / ${CELLS_A_SIDE}.0) * v_alpha;
}`

const SCALE: [number, number][] = [
  [10, 0.86],
  [13, 1],
  [16, 1.3],
  [19, 1.6],
]

export class MarksLayer implements CustomLayerInterface {
  readonly id = 'marks'
  readonly type = 'custom' as const
  readonly renderingMode = '2d' as const
  private gl: WebGL2RenderingContext | null = null
  private map: MapLibre | null = null
  private program: WebGLProgram | null = null
  private uniforms: Uniforms = {}
  private vertexArray: WebGLVertexArrayObject | null = null
  private buffer: WebGLBuffer | null = null
  private atlas: WebGLTexture | null = null
  private count = 0
  private marks: Mark[] = []
  private readonly matrix = new Float32Array(16)

  constructor(
    private readonly origin: { x: number; y: number },
    private palette: MapPalette,
  ) {}

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.map = map
    this.gl = gl
    this.program = linkProgram(gl, VERTEX, FRAGMENT)
    this.uniforms = uniformsOf(gl, this.program, ['u_matrix', 'u_zoom', 'u_scale', 'u_digits', 'u_atlas'])
    this.vertexArray = gl.createVertexArray()
    this.buffer = gl.createBuffer()
    gl.bindVertexArray(this.vertexArray)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer)
    gl.enableVertexAttribArray(0)
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, BYTES, 0)
    gl.enableVertexAttribArray(1)
    gl.vertexAttribIPointer(1, 4, gl.UNSIGNED_BYTE, BYTES, 8)
    gl.bindVertexArray(null)
    this.atlas = gl.createTexture()
    this.paintAtlas()
    this.set(this.marks)
  }

  private paintAtlas(): void {
    const { gl } = this
    if (!gl) return
    gl.bindTexture(gl.TEXTURE_2D, this.atlas)
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false)
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, drawAtlas(this.palette))
    gl.generateMipmap(gl.TEXTURE_2D)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR)
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false)
    gl.bindTexture(gl.TEXTURE_2D, null)
  }

  setPalette(palette: MapPalette): void {
    this.palette = palette
    this.paintAtlas()
    this.map?.triggerRepaint()
  }

  /** Replaces all marks; the last is drawn on top. */
  set(marks: Mark[]): void {
    this.marks = marks
    const { gl } = this
    if (!gl) return
    const bytes = new ArrayBuffer(marks.length * BYTES)
    const floats = new Float32Array(bytes)
    const looks = new Uint8Array(bytes)
    marks.forEach((mark, k) => {
      floats[k * 3] = mercatorX(mark.lon) - this.origin.x
      floats[k * 3 + 1] = mercatorY(mark.lat) - this.origin.y
      looks.set([mark.cell, mark.size, mark.minZoom * 10, mark.alpha * 255], k * BYTES + 8)
    })
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer)
    gl.bufferData(gl.ARRAY_BUFFER, bytes, gl.DYNAMIC_DRAW)
    gl.bindBuffer(gl.ARRAY_BUFFER, null)
    this.count = marks.length
    this.map?.triggerRepaint()
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = context as WebGL2RenderingContext
    if (!this.program || !this.map || this.count === 0) return
    const zoom = this.map.getZoom()
    const { uniforms } = this
    gl.useProgram(this.program)
    gl.bindVertexArray(this.vertexArray)
    const main = input.defaultProjectionData.mainMatrix as ArrayLike<number>
    gl.uniformMatrix4fv(uniforms['u_matrix']!, false, matrixAt(main, this.origin, this.matrix))
    gl.uniform1f(uniforms['u_zoom']!, zoom)
    gl.uniform1f(uniforms['u_scale']!, ramp(zoom, SCALE) * this.map!.getPixelRatio())
    gl.uniform1f(uniforms['u_digits']!, zoom >= 13 ? 1 : 0)
    gl.uniform1i(uniforms['u_atlas']!, 0)
    gl.activeTexture(gl.TEXTURE0)
    gl.bindTexture(gl.TEXTURE_2D, this.atlas)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    gl.disable(gl.DEPTH_TEST)
    gl.drawArrays(gl.POINTS, 0, this.count)
    gl.bindVertexArray(null)
    gl.bindTexture(gl.TEXTURE_2D, null)
  }

  onRemove(): void {
    const { gl } = this
    if (!gl) return
    gl.deleteProgram(this.program)
    gl.deleteVertexArray(this.vertexArray)
    gl.deleteBuffer(this.buffer)
    gl.deleteTexture(this.atlas)
    this.gl = null
  }
}
