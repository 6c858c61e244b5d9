// The running program for browser tests: simulated meters, a head-end that has collected them, a real Chromium.
//
// Everything begun here ends with the test. Nothing asserts how long something took.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(import.meta.url), '../../../..');
const need = createRequire(join(root, 'web/package.json'));
const { chromium } = need('playwright-core');
const axeSource = readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');
export const svod = process.env.SVOD ?? ['build/san/svod', 'build/svod'].map((p) => join(root, p)).find(existsSync);
export const artefacts = process.env.SVOD_ARTEFACTS ?? join(root, 'artefacts/web');
export const password = 'Проверка1';
const patience = 60_000;

// ---- TAP ----

let counted = 0, failed = 0;

export function ok(passed, name, why = '') {
  counted++;
  if (!passed) failed++;
  console.log(`${passed ? '' : 'not '}ok ${counted} - ${name}`);
  // On stderr: the runner shows that, and it is all that is left of a run elsewhere.
  if (!passed) console.error([`# not ok ${counted} - ${name}`, ...String(why).split('\n').slice(0, 30)].join('\n#   '));
  return passed;
}

export function same(got, want, name) {
  return ok(JSON.stringify(got) === JSON.stringify(want), name, `got  ${JSON.stringify(got)}\nwant ${JSON.stringify(want)}`);
}

/** Runs a test to its end: an exception fails it, what was begun is ended, the plan is printed. */
export async function test(body, options) {
  const stand = await Stand.begin(options);
  try {
    await body(stand);
  } catch (e) {
    await stand.shotOfFailure().catch(() => {});
    ok(false, 'runs to its end', e.stack ?? e);
  } finally {
    await stand.end();
  }
  console.log(`1..${counted}`);
  process.exit(failed ? 1 : 0);
}

const until = async (what, look, every = 50, long = patience) => {
  for (let waited = 0; waited < long; waited += every) {
    const found = await look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, every));
  }
  throw new Error(`${what}: waited in vain`);
};
export { until };

// ---- the program ----

const configurator = 'client=48;security=high;password=2222222222222222';

/** `meters` СПОДЭС behind TCP at 127.77.x.y (those of `keyed` numbers with the key of the configurator, who may switch relays), `locked` ones whose relay their lock holds, a bus with Меркурий 230, M-Bus and СПОДЭС, two addresses where nobody answers. */
function registry(place, bus, port, meters, days, quiet, keyed, lockedPort, locked, modules) {
  const depths = `current,network,state,day=${days},month=100,profile=${days},journal=${days}`;
  const rows = [];
  for (let i = 0; i < meters; i++)
    rows.push(`${10000001 + i}|ул. Садовая, ${1 + (i >> 2)}, кв. ${i + 1}|spodes|tcp://127.77.0.${i + 1}:${port}|transport=wrapper;${keyed.includes(i + 1) ? configurator : 'password=111111'}|Садовая/${1 + (i >> 2)}|${depths}`);
  for (let i = 0; i < locked; i++)
    rows.push(`${30000001 + i}|Под замком ${i + 1}|spodes|tcp://127.77.4.${i + 1}:${lockedPort}|transport=wrapper;${configurator}|Под замком|current,state`);
  rows.push(`41000001|ВРУ-1, ввод 1|mercury230|serial:${bus}?115200,8N1|address=1|ВРУ-1|${depths}`);
  rows.push(`50000031|Тепловой узел 31|mbus|serial:${bus}?115200,8N1|address=31|ИТП|current,network,state,month=100`);
  if (modules) {
    rows.push(`51000032|Ввод воды|mbus|serial:${bus}?115200,8N1|address=32|ИТП|current,network,state,month=100`);
    rows.push(`63000016|Щит 1|modbus|serial:${bus}?115200,8N1|address=16;model=mk110-8d4r|Модули|current,state`);
    rows.push(`64000017|Регистратор импульсов|modbus|serial:${bus}?115200,8N1|address=17;model=wb-mcm8;pulses=1:cold:0.01:125.3|Модули|current,state`);
    for (let i = 0; i < 3; i++) rows.push(`4200009${i}|Не на линии ${i + 1}|mercury230|serial:${bus}?115200,8N1|address=9${i}|Молчащие|current`);
  }
  for (let i = 0; i < quiet; i++)
    rows.push(`${20000001 + i}|Молчащий ${i + 1}|spodes|tcp://127.0.0.1:9|transport=wrapper;password=111111|Молчащие|current,day=${days}`);
  writeFileSync(join(place, 'meters.txt'), `${rows.join('\n')}\n`);
}

export const freePort = () => new Promise((done, failed) => {
  const door = createServer().on('error', failed).listen(0, '127.0.0.1', () => {
    const { port } = door.address();
    door.close(() => done(port));
  });
});

export class Stand {
  #children = [];
  #pages = [];
  #shots = 0;
  #beside = [];

  /** options: meters, quiet, locked, days, collect (false: nothing is read before the test), modules (a water meter and I/O modules on the bus, three meters that are not there), face ('gateway': with a simulated board, its socket at `place`/board), words (more words for the server), empty (no device is in it), starter (the gateway under `svod box-run`, its programs in `place`/programs, on a port that stays), fitted (the simulated board's first serial channel is the bus). */
  static async begin({ meters = 8, quiet = 2, days = 3, collect = true, words = [], first = false, keyed = [], locked = 0, modules = false, face = 'hes', empty = false, starter = false, fitted = false } = {}) {
    const stand = new Stand();
    stand.place = mkdtempSync(join(tmpdir(), 'svod-web-'));
    stand.database = join(stand.place, 'svod.db');
    const bus = join(stand.place, 'bus');
    stand.bus = bus;
    stand.name = process.argv[1].replace(/^.*test_|\.mjs$/g, '');
    stand.simulator = await stand.#start(['sim', '--tcp', '127.77.0.1:0', '--family', 'spodes', '--count', String(meters), '--serial', '10000001', '--options', 'phases=3',
      ...(locked ? ['--tcp', '127.77.4.1:0', '--family', 'spodes', '--count', String(locked), '--serial', '30000001', '--options', 'lock=1'] : []),
      '--bus', bus, '--line', '115200,8N1', '--meter', 'mercury230:1:41000001', '--meter', 'mbus:31:50000031',
      ...(modules ? ['--meter', 'mbus:32:51000032', '--options', 'medium=water', '--meter', 'modbus:16:63000016', '--options', 'model=mk110-8d4r', '--meter', 'modbus:17:64000017', '--options', 'model=wb-mcm8'] : [])], /^ready/m);
    const portOf = (host) => Number(/:(\d+)\b/.exec(stand.simulator.said.split('\n').find((line) => line.includes(host)))?.[1]);
    stand.port = portOf('127.77.0.1:');
    registry(stand.place, bus, stand.port, meters, days, quiet, keyed, portOf('127.77.4.1:'), locked, modules);
    if (!empty) stand.run('admin', 'import', stand.database, join(stand.place, 'meters.txt'));
    if (fitted) symlinkSync(bus, join(stand.place, 'board.rs1'));
    if (face === 'gateway') words = ['--board', `sim:${join(stand.place, 'board')}`, ...words];
    stand.programs = join(stand.place, 'programs');
    if (starter) mkdirSync(stand.programs);
    const begun = starter ? ['box-run', '--start', '60', '--beat', '30', '--prove', '1', stand.programs] : [face];
    const server = await stand.#start([...begun, stand.database, '--listen', `127.0.0.1:${starter ? await freePort() : 0}`, '--every', '0', ...words], /listens on \S+ \(port (\d+)\)/);
    stand.server = server;
    stand.url = `http://127.0.0.1:${/listens on \S+ \(port (\d+)\)/.exec(server.said)[1]}`;
    stand.firstPassword = /password (\S+)/.exec(server.said)[1];
    if (!first) await stand.changeFirstPassword();
    if (collect && !first) await stand.collect();
    return stand;
  }

  /** Another world of its own, which ends with this one. */
  async beside(options) {
    const other = await Stand.begin(options);
    this.#beside.push(other);
    return other;
  }

  #start(words, ready) {
    const process_ = spawn(svod, words, { env: { ...process.env, SVOD_LANG: 'en' }, stdio: ['ignore', 'pipe', 'pipe'] });
    const child = { process: process_, said: '' };
    this.#children.push(child);
    for (const stream of [process_.stdout, process_.stderr]) stream.on('data', (data) => void (child.said += data));
    return until(`svod ${words[0]}`, () => {
      if (process_.exitCode !== null) throw new Error(`svod ${words[0]} ended: ${child.said}`);
      return ready.test(child.said) && child;
    });
  }

  run(...words) {
    const ended = spawnSync(svod, words, { encoding: 'utf8', env: { ...process.env, SVOD_LANG: 'en' } });
    if (ended.status !== 0) throw new Error(`svod ${words.join(' ')}: ${ended.stdout}${ended.stderr}`);
    return ended.stdout;
  }

  // ---- the API, as a program would ----

  async ask(method, path, body) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method, body: body === undefined ? undefined : JSON.stringify(body),
      headers: { 'Accept-Language': 'en', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...(this.cookie ? { Cookie: this.cookie, 'X-Svod-Csrf': this.csrf } : {}) },
    });
    const text = await response.text();
    let answer = text;
    try {
      answer = JSON.parse(text);
    } catch { /* not JSON */ }
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 400)}`);
    const cookie = /svod=\w+/.exec(response.headers.get('set-cookie') ?? '');
    if (cookie) this.cookie = cookie[0];
    if (answer?.csrf) this.csrf = answer.csrf;
    return answer;
  }

  async signIn(login = 'admin', word = password) {
    this.cookie = undefined;
    return this.ask('POST', '/session', { login, password: word });
  }

  async changeFirstPassword() {
    await this.signIn('admin', this.firstPassword);
    await this.ask('POST', '/session/password', { former: this.firstPassword, password });
    await this.signIn();
  }

  /** Collects everybody and waits until it is done. */
  async collect() {
    await this.ask('POST', '/collection', { all: true });
    await until('collection', async () => !(await this.ask('GET', '/collection')).running, 200, 4 * patience); // who is silent on a slow bus is asked to the end
  }

  // ---- the browser ----

  /** A page of a signed-in browser; what its console complains of is in page.complaints, except what page.excused names. */
  async open(path, { language = 'ru', theme = 'light', width = 1280, height = 860, login = 'admin', word = password } = {}) {
    this.browser ??= await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    const context = await this.browser.newContext({ viewport: { width, height }, locale: language === 'en' ? 'en-GB' : 'ru-RU', acceptDownloads: true, baseURL: this.url });
    await context.addInitScript(([lang, colours, somebody]) => {
      if (somebody) localStorage.setItem('svod.signed-in', '1');
      if (!localStorage.getItem('svod.language')) localStorage.setItem('svod.language', lang);
      if (!localStorage.getItem('svod.theme')) localStorage.setItem('svod.theme', colours);
    }, [language, theme, !!login]);
    if (login) {
      const answer = await context.request.post('/api/v1/session', { data: { login, password: word } });
      if (!answer.ok()) throw new Error(`${login} cannot sign in: ${await answer.text()}`);
    }
    const page = await context.newPage();
    page.setDefaultTimeout(patience);
    page.complaints = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !page.excused?.test(message.text()) && page.complaints.push(`${message.text()} (${message.location().url})`));
    page.on('pageerror', (error) => page.complaints.push(String(error.stack ?? error)));
    this.#pages.push(page);
    if (path) await this.go(page, path);
    return page;
  }

  /** Opens an address and waits until what it shows has come. */
  async go(page, path) {
    await page.goto(path);
    await this.settle(page);
  }

  /** The same within the app, without loading it anew; another page than the one that is open. */
  async walk(page, path) {
    await page.evaluate((to) => {
      document.querySelector('h1').dataset.former = '';
      const at = { idx: (history.state?.idx ?? 0) + 1, key: to, usr: null }; // as the router marks its own steps
      history.pushState(at, '', to);
      dispatchEvent(new PopStateEvent('popstate', { state: at }));
    }, path);
    await until(`${path} is shown`, () => page.evaluate(() => !document.querySelector('h1[data-former]')));
    await this.settle(page);
  }

  async settle(page) {
    // The page's policy allows no eval, so playwright's waitForFunction is not to be had.
    const calm = () => page.evaluate(() => !!document.querySelector('h1') && !document.querySelector('.ant-spin-spinning, .ant-skeleton-active'));
    await until('the page settles', async () => (await calm()) && (await page.waitForTimeout(150), await calm()), 100);
  }

  /** Nothing is being sent: what a form or a button has begun is done. A dialog may ask about what the page behind it has begun. */
  async rested(page) {
    const dialogs = page.locator('.ant-modal-wrap:visible');
    await until('the page rests', async () => !await (await dialogs.count() ? dialogs.last() : page).locator('.ant-btn-loading').count());
  }

  /** A picture among the artefacts of the run. */
  async shot(page, name, options = {}) {
    mkdirSync(artefacts, { recursive: true });
    await page.screenshot({ path: join(artefacts, `${name}.png`), ...options });
  }

  async shotOfFailure() {
    for (const page of [this, ...this.#beside].flatMap((stand) => stand.#pages)) if (!page.isClosed()) await this.shot(page, `failure-${this.name}-${++this.#shots}`);
  }

  /** What axe finds serious or critical, a line each. */
  async axe(page) {
    if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axeSource);
    const found = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map((v) => `${v.id}: ${v.help}\n${v.nodes.slice(0, 4).map((n) => `   ${n.target.join(' ')} ${n.failureSummary?.split('\n')[1] ?? ''}\n   ${n.html.slice(0, 160)}`).join('\n')}`));
    return found;
  }

  /** The page is whole: no complaint of the console, nothing serious for axe (unless it looked at the page in such colours and such a
   * width before), every word in a dictionary, a picture taken. */
  async whole(page, name, { axe = true } = {}) {
    await this.rested(page);
    await this.shot(page, name);
    const words = await page.evaluate(() => document.body.innerText);
    const keys = words.match(/\b[a-z][\w]*:[a-z][\w.]+\b/g)?.filter((w) => !/^(https?|serial|tcp|udp|urn|otpauth):/.test(w) && !/^[\da-f]{1,4}:[\da-f]{1,4}$/.test(w));
    ok(!keys?.length, `${name}: every word is in the dictionary`, keys);
    ok(page.complaints.length === 0, `${name}: the console is silent`, page.complaints.join('\n'));
    page.complaints.length = 0;
    if (!axe) return;
    const found = await this.axe(page);
    ok(found.length === 0, `${name}: axe finds nothing serious`, found.join('\n'));
  }

  async end() {
    for (const other of this.#beside) await other.end();
    await this.browser?.close().catch(() => {});
    for (const { process } of this.#children.reverse()) {
      process.kill('SIGTERM');
      await until('the end', () => process.exitCode !== null || process.signalCode !== null).catch(() => process.kill('SIGKILL'));
    }
    const server = this.#children.find((child) => child === this.server);
    if (server?.process.exitCode) ok(false, 'the server ends well', server.said.slice(-3000));
    rmSync(this.place, { recursive: true, force: true });
  }
}
