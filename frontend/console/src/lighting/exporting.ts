/** The lights of a selection as a CSV file, made by the post, kept by the browser. */
import type { Selection } from '../api/contract'
import { call } from '../api/requests'
import { desk } from '../focus.svelte'
import { tellRefusal } from '../telling'
import { t } from '../words.svelte'

export async function exportLights(targets: Selection): Promise<void> {
  try {
    const answer = await call('POST', '/api/lighting/lights.csv', { targets, bom: true })
    const url = URL.createObjectURL(await answer.blob())
    const link = document.createElement('a')
    link.href = url
    link.download = 'lights.csv'
    link.click()
    URL.revokeObjectURL(url)
    desk.say(t('action.exported'))
  } catch (error) {
    tellRefusal(error)
  }
}
