/** The console's first line of code: styles, preferences, then the application. */
import './theme.css'
import './app.css'
import './map/maplibre.css'
import { mount } from 'svelte'
import { PostError } from './api/requests'
import App from './App.svelte'
import { metrics } from './metrics'
import { preferences } from './preferences.svelte'
import { session } from './session.svelte'
import { words } from './words.svelte'

// What was asked in passing and refused because the screen is locked, signed out or cut off: the room says so by itself.
addEventListener('unhandledrejection', (event) => {
  if (event.reason instanceof PostError && [0, 401, 423].includes(event.reason.status)) event.preventDefault()
})
window.__ondijon = { ...window.__ondijon, metrics }
preferences.keep()

await Promise.all([words.use(preferences.lang), session.restore()])
mount(App, { target: document.getElementById('app')! })
