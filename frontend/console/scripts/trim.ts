/**
 * Leaves out what this console never uses of its two pinned libraries, so that own JS stays within its budget:
 * Svelte's hydration (we only mount) and uPlot's bars, steps and splines (we only draw lines) and its English dates (we write our own).
 * A pattern that is gone after an upgrade stops the build.
 */
import type { Plugin } from 'vite'

type Cut = { file: string; pairs: [string, string][] }

const CUTS: Cut[] = [
  {
    file: 'svelte/src/internal/client/dom/hydration.js',
    pairs: [
      ['export let hydrating = false;', 'export const hydrating = false;'],
      ['hydrating = value;', ''],
    ],
  },
  {
    file: 'uplot/dist/uPlot.esm.js',
    pairs: [
      ['uPlot.join = join;', ''],
      ['(paths.stepped = stepped);', ''],
      ['(paths.bars    = bars);', ''],
      ['(paths.spline  = monotoneCubic);', ''],
      ['const _fmtDate = (opts.fmtDate || fmtDate);', ''],
      [
        'timeAxisVals(_tzDate, timeAxisStamps((ms == 1 ? _timeAxisStampsMs : _timeAxisStampsS), _fmtDate));',
        'null;',
      ],
      ['timeSeriesVal(_tzDate, timeSeriesStamp(_timeSeriesStamp, _fmtDate));', 'numSeriesVal;'],
      [
        '(isStr(sv) ? timeSeriesVal(_tzDate, timeSeriesStamp(sv, _fmtDate)) : sv || _timeSeriesVal)',
        '_timeSeriesVal',
      ],
      ['timeAxisVals(_tzDate, timeAxisStamps(av, _fmtDate)) :', 'av :'],
      ['timeAxisVal(_tzDate, av) :', 'av :'],
      ['uPlot.fmtDate = fmtDate;', ''],
      ['uPlot.tzDate  = tzDate;', ''],
    ],
  },
]

export function trimLibraries(): Plugin {
  return {
    name: 'trim-libraries',
    apply: 'build',
    enforce: 'pre',
    transform(code: string, id: string) {
      const cut = CUTS.find(({ file }) => id.replace(/\?.*/, '').endsWith(`node_modules/${file}`))
      if (!cut) return null
      return cut.pairs.reduce((text, [from, to]) => {
        if (!text.includes(from)) throw new Error(`${cut.file} no longer has: ${from}`)
        return text.replace(from, to)
      }, code)
    },
  }
}
