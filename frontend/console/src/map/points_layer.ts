/** Every point twin (up to 40,000) in one WebGL2 draw call; an update rewrites only four bytes a point. */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from 'maplibre-gl'
import { STATE_BYTES } from '../twins/packing'
import { linkProgram, ramp, type Uniforms, uniformsOf } from './gl'
import { matrixAt } from './mercator'
import type { MapPalette, Rgb } from './palette'

/** Unknown, and up to eight more. */
export const BINS = 9

const VERTEX = `#version 300 es
#define BINS ${BINS}
uniform mat4 u_matrix;
uniform float u_size;
uniform float u_alpha;
uniform vec3 u_off, u_lit, u_stale, u_picked;
uniform bool u_mode;
uniform vec3 u_colors[BINS];
uniform int u_shapes[BINS];
layout(location=0) in vec2 a_offset;
layout(location=1) in uvec4 a_state;
out vec4 v_color;
out float v_core;
flat out int v_ring;
flat out int v_shape;
void main() {
  gl_Position = u_matrix * vec4(a_offset, 0.0, 1.0);
  int flags = int(a_state.y);
  bool stale = (flags & 1) != 0;
  bool held = (flags & 2) != 0;
  bool picked = (flags & 4) != 0;
  bool outside = (flags & 8) != 0;
  float level = a_state.x == 255u ? 0.0 : float(a_state.x) / 254.0;
  vec3 color = mix(u_off, u_lit, sqrt(level));
  float alpha = u_alpha * mix(0.6, 1.0, level);
  float size = u_size;
  v_shape = 0;
  if (u_mode) {
    int bin = int(a_state.w);
    color = u_colors[bin];
    alpha = bin == 0 ? u_alpha * 0.6 : max(u_alpha, 0.8);
    v_shape = u_shapes[bin];
    size = u_size * 1.25 + 0.7;
  } else if (stale) { color = u_stale; alpha *= 0.5; }
  if (picked) { color = u_picked; alpha = max(alpha, u_size < 2.6 ? 0.7 : 0.95); }
  if (outside) alpha *= 0.18;
  if (picked) size = max(size * 1.25, 1.9);
  v_ring = held && u_size > 3.0 ? 1 : 0;
  v_core = 1.0;
  if (v_ring == 1) { v_core = size / (size * 1.5 + 4.0); size = size * 1.5 + 4.0; }
  v_color = vec4(color * alpha, alpha);
  gl_PointSize = size;
  if (a_state.z > 0u) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}`

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 v_color;
in float v_core;
flat in int v_ring;
flat in int v_shape;
uniform float u_size;
uniform vec3 u_ringColor;
out vec4 color;
// 0 circle, 1 square, 2 diamond, 3 triangle, 4 ring, 5 cross, 6 bar: the distance is 1 at the edge.
float shaped(vec2 p) {
  float round = length(p);
  if (v_shape == 1) return max(abs(p.x), abs(p.y)) * 1.2;
  if (v_shape == 2) return abs(p.x) + abs(p.y);
  if (v_shape == 3) return max(p.y * 1.25, abs(p.x) * 1.1 - p.y * 0.55 + 0.35);
  if (v_shape == 4) return round < 0.55 ? 1.6 - round : round;
  if (v_shape == 5) return max(max(abs(p.x), abs(p.y)), min(abs(p.x), abs(p.y)) * 3.0);
  if (v_shape == 6) return max(abs(p.x), abs(p.y) * 2.6);
  return round;
}
void main() {
  if (u_size < 2.6 && v_ring == 0) { color = v_color; return; }
  vec2 p = (gl_PointCoord - 0.5) * 2.0;
  float d = length(p);
  float soft = 1.6 / max(u_size, 1.0);
  float core = 1.0 - smoothstep(1.0 - soft, 1.0, shaped(p / v_core));
  vec4 drawn = v_color * core;
  if (v_ring == 1) {
    float edge = fwidth(d);
    float ring = smoothstep(0.99 - 3.2 * edge, 0.99 - 2.0 * edge, d) * (1.0 - smoothstep(0.99 - edge, 0.99, d));
    drawn = drawn + vec4(u_ringColor, 1.0) * ring * 0.85 * (1.0 - drawn.a);
  }
  if (drawn.a < 0.01) discard;
  color = drawn;
}`

/** How a mode of the map draws: a colour and a shape for each bin; bin 0 is unknown. */
export type Look = { colors: Rgb[]; shapes: number[] }

const SIZE: [number, number][] = [
  [9.5, 1.1],
  [11, 1.35],
  [12.5, 1.9],
  [14, 3.4],
  [15.5, 5.6],
  [17, 8.5],
  [19, 13],
]
const ALPHA: [number, number][] = [
  [9.5, 0.28],
  [11, 0.42],
  [12.5, 0.62],
  [14, 0.85],
  [16, 1],
]

export class PointsLayer implements CustomLayerInterface {
  readonly id: string
  readonly type = 'custom' as const
  readonly renderingMode = '2d' as const
  private gl: WebGL2RenderingContext | null = null
  private map: MapLibre | null = null
  private program: WebGLProgram | null = null
  private uniforms: Uniforms = {}
  private vertexArray: WebGLVertexArrayObject | null = null
  private stateBuffer: WebGLBuffer | null = null
  private faded = false
  private look: Look | null = null
  private readonly matrix = new Float32Array(16)

  constructor(
    typeKey: string,
    private readonly offsets: Float32Array,
    readonly states: Uint8Array,
    private readonly origin: { x: number; y: number },
    private palette: MapPalette,
  ) {
    this.id = `points-${typeKey}`
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.map = map
    this.gl = gl
    this.program = linkProgram(gl, VERTEX, FRAGMENT)
    this.uniforms = uniformsOf(gl, this.program, [
      'u_matrix',
      'u_size',
      'u_alpha',
      'u_off',
      'u_lit',
      'u_stale',
      'u_picked',
      'u_ringColor',
      'u_mode',
      'u_colors',
      'u_shapes',
    ])
    this.vertexArray = gl.createVertexArray()
    gl.bindVertexArray(this.vertexArray)
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer())
    gl.bufferData(gl.ARRAY_BUFFER, this.offsets, gl.STATIC_DRAW)
    gl.enableVertexAttribArray(0)
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0)
    this.stateBuffer = gl.createBuffer()
    gl.bindBuffer(gl.ARRAY_BUFFER, this.stateBuffer)
    gl.bufferData(gl.ARRAY_BUFFER, this.states, gl.DYNAMIC_DRAW)
    gl.enableVertexAttribArray(1)
    gl.vertexAttribIPointer(1, 4, gl.UNSIGNED_BYTE, 0, 0)
    gl.bindVertexArray(null)
  }

  /** Sends the span of points [from, to] whose state bytes changed. */
  upload(from: number, to: number): void {
    const { gl } = this
    if (!gl) return
    gl.bindBuffer(gl.ARRAY_BUFFER, this.stateBuffer)
    gl.bufferSubData(
      gl.ARRAY_BUFFER,
      from * STATE_BYTES,
      this.states,
      from * STATE_BYTES,
      (to - from + 1) * STATE_BYTES,
    )
    gl.bindBuffer(gl.ARRAY_BUFFER, null)
    this.map?.triggerRepaint()
  }

  /** Everything faint: the link is lost, nothing on the map is live. */
  setFaded(faded: boolean): void {
    this.faded = faded
    this.map?.triggerRepaint()
  }

  /** Draws bins instead of states, or states again. */
  setLook(look: Look | null): void {
    this.look = look
    this.map?.triggerRepaint()
  }

  setPalette(palette: MapPalette): void {
    this.palette = palette
    this.map?.triggerRepaint()
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = context as WebGL2RenderingContext
    if (!this.program || !this.map || this.states.length === 0) return
    const zoom = this.map.getZoom()
    const { uniforms, palette } = this
    gl.useProgram(this.program)
    gl.bindVertexArray(this.vertexArray)
    const main = input.defaultProjectionData.mainMatrix as ArrayLike<number>
    gl.uniformMatrix4fv(uniforms['u_matrix']!, false, matrixAt(main, this.origin, this.matrix))
    gl.uniform1f(uniforms['u_size']!, ramp(zoom, SIZE) * this.map!.getPixelRatio())
    gl.uniform1f(uniforms['u_alpha']!, ramp(zoom, ALPHA) * (this.faded ? 0.35 : 1))
    gl.uniform3fv(uniforms['u_off']!, palette.lampOff)
    gl.uniform3fv(uniforms['u_lit']!, palette.lampLit)
    gl.uniform3fv(uniforms['u_stale']!, palette.lampStale)
    gl.uniform3fv(uniforms['u_picked']!, palette.picked)
    gl.uniform3fv(uniforms['u_ringColor']!, palette.picked)
    gl.uniform1i(uniforms['u_mode']!, this.look ? 1 : 0)
    if (this.look) {
      gl.uniform3fv(uniforms['u_colors']!, this.look.colors.flat())
      gl.uniform1iv(uniforms['u_shapes']!, this.look.shapes)
    }
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    gl.disable(gl.DEPTH_TEST)
    gl.drawArrays(gl.POINTS, 0, this.states.length / STATE_BYTES)
    gl.bindVertexArray(null)
  }

  onRemove(): void {
    const { gl } = this
    if (!gl) return
    gl.deleteProgram(this.program)
    gl.deleteVertexArray(this.vertexArray)
    gl.deleteBuffer(this.stateBuffer)
    this.gl = null
  }
}
