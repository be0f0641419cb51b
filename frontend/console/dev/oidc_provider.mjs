/**
 * The certified OpenID provider on loopback, for tests: node dev/oidc_provider.mjs PORT REDIRECT_URI KEY_ID
 * Whoever signs in by a name of PEOPLE is that person, with any password. A new KEY_ID is a new signing key.
 */
import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'

const [port, redirectUri, kid] = process.argv.slice(2)
const PEOPLE = {
  claire: { name: 'Claire Martin', groups: ['poste-chefs'] },
  marc: { name: 'Marc Petit', groups: ['commune-fenay'] },
  nobody: { name: 'Personne', groups: ['autre-service'] },
  local: { name: 'Un autre Local', groups: ['poste-chefs'] },
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const issuer = `http://127.0.0.1:${port}`
const provider = new Provider(issuer, {
  clients: [{ client_id: 'ondijon', client_secret: 'a secret: 100% of it', redirect_uris: [redirectUri] }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] },
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'] },
  pkce: { required: () => true },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, preferred_username: sub, ...PEOPLE[sub] }),
  }),
})
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'))
