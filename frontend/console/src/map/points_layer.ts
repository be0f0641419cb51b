/** Every point twin (up to 40,000) in one WebGL2 draw call; an update rewrites only four bytes a point. */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from 'maplibre-gl'
import { STATE_BYTES } from '../twins/packing'
import { linkProgram, ramp, type Uniforms, uniformsOf } from './gl'
import { matrixAt } from './mercator'
import type { MapPalette } from './palette'

const VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform float u_size;
uniform float u_alpha;
uniform vec3 u_off, u_lit, u_stale, u_picked;
layout(location=0) in vec2 a_offset;
layout(location=1) in uvec4 a_state;
out vec4 v_color;
out float v_core;
flat out int v_ring;
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
  if (stale) { color = u_stale; alpha *= 0.5; }
  if (picked) { color = u_picked; alpha = max(alpha, u_size < 2.6 ? 0.7 : 0.95); }
  if (outside) alpha *= 0.18;
  float size = picked ? max(u_size * 1.25, 1.9) : u_size;
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
uniform float u_size;
uniform vec3 u_ringColor;
out vec4 color;
void main() {
  if (u_size < 2.6 && v_ring == 0) { color = v_color; return; }
  float d = length(gl_PointCoord - 0.5) * 2.0;
  float soft = 1.6 / max(u_size, 1.0);
  float core = 1.0 - smoothstep(v_core - soft * v_core, v_core, d);
  vec4 drawn = v_color * core;
  if (v_ring == 1) {
    float edge = fwidth(d);
    float ring = smoothstep(0.99 - 3.2 * edge, 0.99 - 2.0 * edge, d) * (1.0 - smoothstep(0.99 - edge, 0.99, d));
    drawn = drawn + vec4(u_ringColor, 1.0) * ring * 0.85 * (1.0 - drawn.a);
  }
  if (drawn.a < 0.01) discard;
  color = drawn;
}`

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
