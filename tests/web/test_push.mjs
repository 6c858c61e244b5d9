#!/usr/bin/env node
// A gateway delivers to a head-end, as a dispatcher and an installer set it up: the port is opened, a gateway added, its code pasted at
// the gateway, the next one found in the network, its meters and their data seen at the head-end, one of them read now; both languages, dark, on a telephone.
import { button, dialog, field, menuItem, wordsOf } from './support/hands.mjs';
import { freePort, ok, same, test, until } from './support/stand.mjs';

const shows = (page, what) => until(`«${what}» is shown`, async () => (await page.evaluate(() => document.body.innerText)).includes(what)).then(() => true, () => false);
const whole = async (stand, page, name) => {
  await page.mouse.move(0, 0);
  await stand.whole(page, name);
};

async function thePort(stand, page, t) {
  ok(await shows(page, t('gateways:port.off')), 'gateways are not let in at first');
  await whole(stand, page, 'push-gateways-empty');
  await page.getByTestId('gateway-port').click();
  await field(dialog(page), t('gateways:port.enabled')).click();
  await field(dialog(page), t('gateways:port.host')).fill('127.0.0.1');
  await field(dialog(page), t('gateways:port.port')).fill(String(await freePort()));
  same(await field(dialog(page), t('gateways:port.away')).inputValue(), '15', 'people are told after a quarter of an hour');
  await field(dialog(page), t('gateways:port.away')).fill('20');
  await whole(stand, page, 'push-port-dialog');
  await button(dialog(page), t('app:save')).click();
  await dialog(page).waitFor({ state: 'hidden' });
  const port = await until('the port is open', async () => { const p = await stand.ask('GET', '/gateway-port'); return p.listening && p; });
  ok(await shows(page, t('gateways:port.listening', { port: port.port })), 'its port is open');
  same(port.away_s, 1200, 'and another time is kept');
}

async function theCode(stand, page, t) {
  await button(page, t('gateways:rows.add')).click();
  await field(dialog(page), t('gateways:field.title')).fill('Подвал');
  await button(dialog(page), t('gateways:rows.add')).click();
  const code = await until('the code', async () => (await page.getByTestId('gateway-code').count()) && (await page.getByTestId('gateway-code').innerText()).trim());
  ok(code.startsWith('svod://127.0.0.1:'), 'a gateway is added and its code shown');
  await whole(stand, page, 'push-code');
  await button(dialog(page), t('app:close')).click();
  ok(await shows(page, t('gateways:states.never')), 'it has not come yet');
  return code;
}

/** By the question on loopback alone; the form has what stands on the case. Other gateways may answer beside this one. */
async function find(stand, box, page, t, name, known) {
  await stand.go(page, '/gateways');
  await page.getByTestId('gateway-search').click();
  await dialog(page).getByRole('combobox', { name: t('gateways:search.interface') }).click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: /^lo 127\./ }).click();
  await button(dialog(page), t('gateways:search.ask')).click();
  await button(dialog(page), t('gateways:search.again')).waitFor();
  const row = dialog(page).locator('tbody tr', { has: page.getByText(new URL(box.url).host) });
  await row.waitFor();
  const { serial, type } = await box.ask('GET', '/box');
  ok((await row.innerText()).includes(serial), `${name}: the gateway is found in the network, with its number`);
  await stand.settle(page);
  await whole(stand, page, `push-found-${name}`);
  if (known) {
    ok((await row.innerText()).includes(t('gateways:search.known')), `${name}: it is here already`);
    return;
  }
  await button(row, t('gateways:search.take')).click();
  await until('the form', async () => (await field(dialog(page), t('gateways:field.title')).inputValue()).includes(serial));
  same(await field(dialog(page), t('gateways:field.title')).inputValue(), t('gateways:search.name', { type, serial }), `${name}: and the form to add it has that`);
  await button(dialog(page), t('app:cancel')).click();
}

/** The gateway's own switch. */
async function hide(box, page, t) {
  await box.go(page, '/box/network');
  const card = page.getByTestId('findable');
  await card.getByRole('switch').click();
  await until('it hides', async () => !(await box.ask('GET', '/box/beacon')).on);
  await box.settle(page);
  ok(!(await card.getByRole('switch').isChecked()), 'the gateway does not answer any more');
  await whole(box, page, 'push-hidden');
  await card.getByRole('switch').click();
  await until('it answers', async () => (await box.ask('GET', '/box/beacon')).on);
}

async function theCentre(box, page, code, t) {
  ok(await shows(page, t('centre:states.off')), 'the gateway delivers nothing at first');
  await field(page, t('centre:field.enabled')).click();
  await field(page, t('centre:field.code')).fill('svod://?');
  await button(page, t('app:save')).click();
  await page.locator('.ant-form-item-explain-error').first().waitFor();
  ok(true, 'what is no code is told at its field');
  page.complaints.length = 0; // Chromium tells the 400
  await field(page, t('centre:field.code')).fill(code);
  await button(page, t('app:save')).click();
  ok(await shows(page, t('centre:states.connected')), 'with the code it connects');
  ok(await shows(page, t('centre:all')), 'and delivers everything');
  await box.settle(page);
  await whole(box, page, 'push-centre');
}

async function itsMeters(stand, page, t) {
  await stand.go(page, '/gateways');
  ok(await shows(page, t('gateways:states.connected')), 'the head-end shows it connected');
  const row = (await stand.ask('GET', '/gateways')).items[0];
  await whole(stand, page, 'push-gateways');
  await page.getByRole('link', { name: String(row.devices), exact: true }).click();
  ok(await shows(page, '10000001'), 'its meters are listed');
  await stand.settle(page);
  await whole(stand, page, 'push-meters');
  await page.getByRole('link', { name: '10000001', exact: true }).click();
  ok(await shows(page, 'A+'), 'a meter has its readings here');
}

async function readNow(stand) {
  const device = (await stand.ask('GET', '/devices?search=10000001')).items[0];
  const run = await stand.ask('POST', '/runs', { devices: [device.id], work: { measurements: [{ archive: 'current', again: true }] } });
  const ended = await until('the run ends', async () => { const r = await stand.ask('GET', `/runs/${run.id}`); return r.ended && r; });
  same(ended.result, 'success', 'one is read now, through the gateway');
  return run.id;
}

async function away(stand, box, page, t) {
  const centre = await box.ask('GET', '/centre');
  await box.ask('PATCH', '/centre', { revision: centre.revision, enabled: false });
  await stand.go(page, '/gateways');
  ok(await shows(page, t('gateways:states.away')), 'switched off at the gateway, it is away at the head-end');
  await page.locator('tbody tr.ant-table-row').first().click({ button: 'right' });
  await menuItem(page, t('gateways:revoke')).click();
  await button(page.locator('.ant-modal-confirm'), t('gateways:revoke')).click();
  ok(await shows(page, t('gateways:states.revoked')), 'its code is revoked');
}

await test(async (stand) => {
  const ru = wordsOf('ru'), en = wordsOf('en');
  const box = await stand.beside({ face: 'gateway', meters: 3, quiet: 1 });
  const page = await stand.open('/gateways');
  await thePort(stand, page, ru);
  const code = await theCode(stand, page, ru);
  await find(stand, box, page, ru, 'ru', false);
  const there = await box.open('/centre');
  await theCentre(box, there, code, ru);
  await itsMeters(stand, page, ru);
  await hide(box, there, ru);
  const run = await readNow(stand);
  await stand.go(page, `/runs/${run}`);
  ok(await shows(page, '10000001'), 'its run is shown as any other');
  for (const [place, path, name] of [[stand, '/gateways', 'push-gateways'], [box, '/centre', 'push-centre']]) {
    const dark = await place.open(path, { language: 'en', theme: 'dark', width: 390 });
    if (place === stand) await find(stand, box, dark, en, 'en-dark-390', true);
    await place.go(dark, path);
    ok(await shows(dark, (path === '/centre' ? en('centre:states.connected') : en('gateways:states.connected'))), `${path} in English, dark, on a telephone`);
    await whole(place, dark, `${name}-phone`);
  }
  await away(stand, box, page, ru);
}, { meters: 1, quiet: 0, collect: false, empty: true });
