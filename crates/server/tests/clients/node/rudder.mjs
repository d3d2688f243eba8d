// Makes the calls of calls.json with @rudderstack/rudder-sdk-node: node rudder.mjs BASE WRITE_KEY CALLS FLUSH_AT
import { readFileSync } from 'node:fs'
import Analytics from '@rudderstack/rudder-sdk-node'

const [dataPlaneUrl, writeKey, calls, flushAt] = process.argv.slice(2)
const client = new Analytics(writeKey, { dataPlaneUrl, flushAt: Number(flushAt), flushInterval: 200, logLevel: 'none' })
const made = Date.now()
const delivered = JSON.parse(readFileSync(calls, 'utf8')).map(
  ({ type, secondsAgo, ...call }) =>
    new Promise((resolve, reject) => {
      const done = (error) => (error ? reject(error) : resolve())
      client[type]({ ...call, timestamp: new Date(made - secondsAgo * 1000) }, done)
    }),
)
await client.flush()
await Promise.all(delivered)
process.exit(0)
