/** The console's first line of code: styles, preferences, then the application. */
import './theme.css'
import './app.css'
import './map/maplibre.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { metrics } from './metrics'
import { preferences } from './preferences.svelte'
import { session } from './session.svelte'
import { words } from './words.svelte'

window.__ondijon = { ...window.__ondijon, metrics }
preferences.keep()

await Promise.all([words.use(preferences.lang), session.restore()])
mount(App, { target: document.getElementById('app')! })
