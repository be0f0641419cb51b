/** Small WebGL2 building blocks for the two layers of points. */

export function linkProgram(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const program = gl.createProgram()
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind)
    if (!shader) throw new Error('no shader')
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
    gl.deleteShader(shader)
  }
  gl.linkProgram(program)
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    throw new Error(gl.getProgramInfoLog(program) ?? 'link failed')
  }
  return program
}

export type Uniforms = Record<string, WebGLUniformLocation | null>

export function uniformsOf(gl: WebGL2RenderingContext, program: WebGLProgram, names: string[]): Uniforms {
  return Object.fromEntries(names.map((name) => [name, gl.getUniformLocation(program, name)]))
}

/** Linear interpolation over [stop, value] pairs, flat outside. */
export function ramp(x: number, stops: [number, number][]): number {
  const first = stops[0]!
  if (x <= first[0]) return first[1]
  for (let k = 1; k < stops.length; k++) {
    const [x1, y1] = stops[k]!
    const [x0, y0] = stops[k - 1]!
    if (x <= x1) return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
  }
  return stops.at(-1)![1]
}
