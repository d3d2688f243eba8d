// The same with npm's liquidjs, whose folder is the first argument.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

process.env.TZ = 'UTC';
const require = createRequire(process.argv[2] + '/');
const { Liquid } = require('liquidjs');
const { version } = require('liquidjs/package.json');
const engine = new Liquid({ strictFilters: true, timezoneOffset: 0 });
const found = JSON.parse(readFileSync(0, 'utf8')).map(({ source, values }) => {
  try {
    return { text: engine.parseAndRenderSync(source, values) };
  } catch (error) {
    return { error: error.message };
  }
});
console.log(JSON.stringify({ version, found }));
