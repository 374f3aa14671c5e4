// tsc writes files without the executable bit, which `npm link` and a path to `dist/agent/main.js` need.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/agent/main.js', import.meta.url), 0o755);
