/** `npm run check`: types, components, format and unit tests side by side; every failure is printed whole. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const BIN = join(import.meta.dirname, '../node_modules')
const STEPS = [
  ['svelte-check', 'svelte-check/bin/svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings'],
  ['types', 'typescript/bin/tsc', '--noEmit'],
  ['format', 'prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  ['tests', 'vitest/vitest.mjs', 'run', '--silent'],
]

function run([name, script, ...args]) {
  const started = performance.now()
  const path = join(BIN, script)
  if (!existsSync(path))
    return Promise.resolve({ name, code: 1, output: `${script} is not installed`, ms: 0 })
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path, ...args], { cwd: join(import.meta.dirname, '..') })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => resolve({ name, code, output, ms: performance.now() - started }))
  })
}

const results = await Promise.all(STEPS.map(run))
for (const { name, code, output, ms } of results) {
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} ${(ms / 1000).toFixed(1)} s`)
  if (code !== 0) console.log(output)
}
process.exitCode = results.some(({ code }) => code !== 0) ? 1 : 0
