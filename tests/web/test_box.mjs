#!/usr/bin/env node
// The gateway's box in the browser (S0 4.1–4.2): home and its bar, time, Ethernet on trial, modem, servers, diagnostics; as an
// administrator, and what a reader sees. In Russian on a wide screen and in English on a phone.
import { connect } from 'node:net';
import { join } from 'node:path';
import { button, dialog, field, wordsOf } from './support/hands.mjs';
import { ok, same, test, until } from './support/stand.mjs';

const skziPort = 20000 + process.pid % 20000;

/** A word to the simulated board. */
const say = (stand, words) => new Promise((done, failed) => {
  const socket = connect(join(stand.place, 'board'), () => socket.write(`${words}\n`));
  socket.on('data', (data) => { socket.end(); done(data.toString().trim()); });
  socket.on('error', failed);
});

/** The page is whole; the pointer rests nowhere, refusals that were provoked are no complaint. */
async function whole(stand, page, name) {
  await page.mouse.move(1, 1);
  page.complaints.splice(0, Infinity, ...page.complaints.filter((one) => !/status of 400/.test(one)));
  await stand.whole(page, name);
}

const spill = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

async function tab(stand, page, label, width) {
  if (width > 760) await page.getByRole('tab', { name: label }).click();
  else {
    await page.getByRole('combobox').first().click();
    await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: label }).first().click();
  }
  await stand.settle(page);
}

async function home(stand, page, t, name) {
  await stand.go(page, '/');
  for (const key of ['home.main', 'modem.title', 'home.ethernet', 'home.meters', 'servers.short']) ok(await page.getByRole('region', { name: t(`box:${key}`), exact: true }).count() === 1, `${name}: home has «${t(`box:${key}`)}»`);
  const main = await page.getByRole('region', { name: t('box:home.main'), exact: true }).innerText();
  ok(main.includes('900000000001') && main.includes('Свод (модель)'), `${name}: type and serial number`, main);
  const show = button(page, t('box:bar.show'));
  await show.click();
  const keys = page.getByTestId('key-parameters');
  await keys.waitFor();
  ok((await keys.innerText()).includes('Ethernet 2'), `${name}: key parameters unfold`);
  await button(page, t('box:bar.refresh')).click();
  await stand.settle(page);
  ok(await spill(page) <= 0, `${name}: nothing spills over the edge`);
  await whole(stand, page, `box-home-${name}`);
  await button(page, t('box:bar.hide')).click();
  await page.getByRole('link', { name: t('box:home.toModem') }).click();
  await page.getByTestId('sim-1').waitFor();
  ok(true, `${name}: the link leads to the modem`);
}

async function time(stand, page, t, name) {
  await stand.go(page, '/box/time');
  await page.getByTestId('write-pc').click();
  await page.getByText(t('box:time.written')).first().waitFor();
  await page.getByLabel(t('box:time.given'), { exact: true }).fill('2031-05-06T07:08:09');
  await page.getByTestId('write-given').click();
  const zone = (await stand.ask('GET', '/box/time')).clock.zone_minutes;
  await until('the given time', async () => Math.abs(Date.parse((await stand.ask('GET', '/box/time')).clock.utc) - (Date.parse('2031-05-06T07:08:09Z') - zone * 60_000)) < 60_000);
  ok(true, `${name}: a given time is written, in the box's own zone`);
  await page.getByTestId('write-pc').click();
  const servers = page.getByRole('combobox', { name: t('box:time.servers') });
  await servers.fill('ntp.example.org');
  await servers.press('Enter');
  await button(page, t('app:save')).click();
  await page.getByText(t('box:time.synchronised'), { exact: true }).waitFor();
  same((await stand.ask('GET', '/box/time')).servers.includes('ntp.example.org'), true, `${name}: servers are written, the state follows`);
  ok(await spill(page) <= 0, `${name}: nothing spills over the edge`);
  await whole(stand, page, `box-time-${name}`);
}

async function ethernet(stand, page, t, name) {
  await stand.go(page, '/box/network');
  const lan = page.getByTestId('lan-1');
  await field(lan, t('box:lan.ip')).fill('10.77.1.300');
  await field(lan, t('box:lan.mask')).fill('255.255.255.0');
  await button(page, t('app:save')).click();
  await lan.locator('.ant-form-item-explain-error').first().waitFor();
  ok(await page.getByTestId('trial').count() === 0, `${name}: a wrong address stands at its field, nothing is tried`);
  await field(lan, t('box:lan.ip')).fill('10.77.1.30');
  await button(page, t('app:save')).click();
  const trial = page.getByTestId('trial');
  await trial.waitFor();
  await until('the board', async () => (await say(stand, 'show')).includes('lan1=10.77.1.30'));
  ok((await trial.innerText()).includes('10.77.1.30'), `${name}: on trial, the way to the new address stands there`);
  await whole(stand, page, `box-trial-${name}`);
  await button(trial, t('box:trial.revert')).click();
  await trial.waitFor({ state: 'detached' });
  ok((await say(stand, 'show')).includes('lan1=192.168.0.1'), `${name}: taken back`);
  await field(page.getByTestId('lan-1'), t('box:lan.ip')).fill('10.77.1.31');
  await button(page, t('app:save')).click();
  await trial.waitFor();
  await until('the board', async () => (await say(stand, 'show')).includes('lan1=10.77.1.31'));
  await button(trial, t('box:trial.confirm')).click();
  await trial.waitFor({ state: 'detached' });
  same((await stand.ask('GET', '/box/network')).lans[0].address, '10.77.1.31', `${name}: confirmed, it is written`);
  ok(await spill(page) <= 0, `${name}: nothing spills over the edge`);
  await whole(stand, page, `box-ethernet-${name}`);
}

async function modem(stand, page, t, name, width) {
  await tab(stand, page, t('box:network.modem'), width);
  const sim = page.getByTestId('sim-1');
  await button(sim, t('box:modem.operators.beeline')).click();
  same(await field(sim, t('box:modem.apn')).inputValue(), 'internet.beeline.ru', `${name}: an operator's preset fills the card`);
  await field(sim, t('box:modem.pin')).fill('12a4');
  await button(page, t('app:save')).click();
  await sim.locator('.ant-form-item-explain-error').first().waitFor();
  ok(true, `${name}: a PIN of letters is refused at its field`);
  await field(sim, t('box:modem.pin')).fill('1234');
  await button(page.getByTestId('sim-2'), t('box:modem.operators.mts')).click();
  await button(page, t('app:save')).click();
  await until('the modem', async () => (await stand.ask('GET', '/box')).modem.state === 'connected');
  await page.getByText('100.64.1.111').first().waitFor();
  const seen = (await stand.ask('GET', '/box/modem')).sims;
  same([seen[0].pin, seen[0].login, seen[1].apn], ['***', 'beeline', 'internet.mts.ru'], `${name}: both cards are written`);
  ok(await spill(page) <= 0, `${name}: nothing spills over the edge`);
  await whole(stand, page, `box-modem-${name}`);
  await page.locator('.ant-segmented').getByText('SIM 2').click();
  await button(page, t('app:save')).click();
  const now = await until('the preferred card', async () => { const settings = await stand.ask('GET', '/box/modem'); return settings.first === 2 && settings; });
  ok(true, `${name}: the second card can be the preferred one`);
  await stand.ask('PATCH', '/box/modem', { revision: now.revision, sims: [{}, {}], first: 1 });
}

async function servers(stand, page, t, name, width) {
  await tab(stand, page, t('box:network.servers'), width);
  const add = async (title, port) => {
    const count = await page.getByTestId('server').count();
    await button(page, t('box:servers.add')).click();
    const row = page.getByTestId('server').nth(count);
    await row.getByRole('combobox').click();
    await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: title }).first().click();
    await row.getByRole('spinbutton').fill(String(port));
  };
  await page.getByTestId('server').first().waitFor();
  await add(/(транзита|Transit).* 1$/, 80);
  await button(page, t('app:save')).click();
  await page.locator('.ant-form-item-explain-error').first().waitFor();
  ok(true, `${name}: a port that another server has is refused at its row`);
  await page.getByTestId('server').nth(1).getByRole('spinbutton').fill('11');
  await button(page, t('app:save')).click();
  await until('the table', async () => (await stand.ask('GET', '/servers')).items.length === 2);
  const rows = (await stand.ask('GET', '/servers')).items;
  same(rows.map((row) => row.port).sort((a, b) => a - b), [11, 80], `${name}: the table is written`);
  await stand.settle(page);
  ok(await spill(page) <= 0, `${name}: nothing spills over the edge`);
  await whole(stand, page, `box-servers-${name}`);
  const transit = rows.findIndex((row) => row.type !== 'http');
  await page.getByRole('button', { name: t('box:servers.delete', { number: transit + 1 }) }).click();
  await button(page, t('app:save')).click();
  await until('the table', async () => (await stand.ask('GET', '/servers')).items.length === 1);
  ok(true, `${name}: a server is deleted`);
}

async function diagnostics(stand, page, t, name, width) {
  await say(stand, 'test I2C fail');
  await say(stand, 'mains off');
  await stand.go(page, '/box/diagnostics');
  await button(page, t('box:test.begin')).click();
  await page.locator('.flags li').filter({ hasText: 'I2C' }).filter({ hasText: 'simulated fault' }).waitFor();
  ok((await page.locator('.flags li').first().innerText()).includes('I2C'), `${name}: what failed stands first`);
  const relay = width > 760 ? 1 : 2;
  await page.getByRole('switch', { name: t('box:relay.title', { number: relay }) }).click();
  await page.locator('.ant-modal-confirm').getByRole('button', { name: t('box:relay.on') }).click();
  await until('the relay', async () => (await say(stand, 'show')).includes(`relay${relay}=on`));
  ok(true, `${name}: a relay asks, then switches`);
  await page.getByText(t('box:power.lost')).first().waitFor();
  ok(await spill(page) <= 0, `${name}: nothing spills over the edge`);
  await whole(stand, page, `box-diagnostics-${name}`);
  await tab(stand, page, t('box:diagnostics.journal'), width);
  const journal = () => page.locator('main, [role=main]').last().innerText();
  await until('the journal', async () => (await journal()).includes(t('box:power.states.off')));
  ok(true, `${name}: the journal tells the loss of power`);
  await whole(stand, page, `box-journal-${name}`);
  await say(stand, 'mains on');
  await say(stand, 'test I2C usual');
}

async function restart(stand, page, t, name) {
  const before = /restarts=(\d+)/.exec(await say(stand, 'show'))[1];
  await button(page, t('box:restart.button')).click();
  await page.locator('.ant-modal-confirm').getByRole('button', { name: t('box:restart.button') }).click();
  await until('the restart', async () => /restarts=(\d+)/.exec(await say(stand, 'show'))[1] !== before);
  ok(true, `${name}: restart asks, then restarts`);
}

async function lastWord(stand, page, t, name) {
  await stand.go(page, '/box/last-word');
  await page.getByText(t('lastword:settings')).waitFor();
  const letters = page.getByRole('combobox', { name: t('lastword:letters') });
  await letters.fill('nobody');
  await letters.press('Enter');
  await button(page, t('app:save')).click();
  await page.locator('.ant-form-item-explain-error').first().waitFor();
  ok(true, `${name}: a wrong address stands at its field`);
  await page.locator('.ant-select-selection-item-remove').click();
  await until('the address is gone', async () => !(await page.locator('.ant-select-selection-item-remove').count()));
  await field(page, t('lastword:delay')).fill('0');
  await button(page, t('app:save')).click();
  await until('the form', async () => (await stand.ask('GET', '/box/last-word')).delay_s === 0);
  await say(stand, 'mains off');
  await page.getByText(t('lastword:away')).waitFor();
  await page.getByTestId('last-word-text').filter({ hasText: 'power-lost' }).waitFor();
  ok(true, `${name}: power goes, and what was said stands there`);
  ok(await spill(page) <= 0, `${name}: nothing spills over the edge`);
  await whole(stand, page, `box-last-word-${name}`);
  await say(stand, 'mains on');
  await page.getByTestId('last-word-text').filter({ hasText: 'power-back' }).waitFor();
  const { revision } = await stand.ask('GET', '/box/last-word');
  await stand.ask('PATCH', '/box/last-word', { revision, delay_s: 2 });
}

/** «Настройки СКЗИ»: the port goes on and works, a certificate is refused at its field, everything is reset when that was confirmed. */
async function skzi(stand, page, t, name, width) {
  await tab(stand, page, t('box:network.servers'), width);
  const part = page.getByTestId('skzi');
  await part.waitFor();
  same(await field(part, t('skzi:port')).inputValue(), '8080', `${name}: the manual's port is proposed`);
  await part.getByRole('switch', { name: t('skzi:main') }).click();
  await field(part, t('skzi:port')).fill('80');
  await button(part, t('app:save')).click();
  await part.getByText(t('skzi:taken')).waitFor();
  ok(true, `${name}: a port that another server has is refused`);
  await button(part, t('app:cancel')).click();
  same(await field(part, t('skzi:port')).inputValue(), '8080', `${name}: «${t('app:cancel')}» brings back what is stored`);
  await part.getByRole('switch', { name: t('skzi:main') }).click();
  await field(part, t('skzi:port')).fill(String(skziPort));
  await button(part, t('app:save')).click();
  await until('the port', async () => (await stand.ask('GET', '/servers/skzi')).state === 'works');
  await part.getByText('CN = 900000000001').waitFor();
  await part.getByText(t('skzi:notProven')).waitFor();
  ok(true, `${name}: it works with the box's own certificate`);
  await page.getByRole('button', { name: t('box:servers.delete', { number: 1 }) }).click();
  await button(page, t('app:save')).first().click();
  await page.locator('.ant-form-item-explain-error, .ant-form-item-explain, .ant-message-error').filter({ hasText: /HTTP/ }).first().waitFor();
  same((await stand.ask('GET', '/servers')).items.some((row) => row.type === 'http'), true, `${name}: plain HTTP stays while nobody has come in by the port`);
  await button(page, t('app:clear')).first().click();
  await stand.settle(page);
  ok(await spill(page) <= 0, `${name}: nothing spills over the edge`);
  await whole(stand, page, `box-skzi-${name}`);
  await button(part, t('skzi:give')).click();
  const given = dialog(page, t('skzi:give'));
  await field(given, t('skzi:certificate')).fill('no certificate');
  await field(given, t('skzi:key')).fill('no key');
  await button(given, t('app:save')).click();
  await given.locator('.ant-form-item-explain-error').first().waitFor();
  ok(true, `${name}: what is no certificate of GOST is refused at its field`);
  await button(given, t('app:clear')).click();
  await button(given, t('app:cancel')).click();
  await given.waitFor({ state: 'detached' });
  await button(part, t('skzi:reset.button')).click();
  await page.locator('.ant-modal-confirm').getByRole('button', { name: t('skzi:reset.button') }).click();
  await until('the reset', async () => (await stand.ask('GET', '/servers/skzi')).state === 'off');
  const after = await stand.ask('GET', '/servers');
  same(after.items.map((row) => [row.type, row.port]), [['http', 80]], `${name}: reset asks, then the table is as a new box has it`);
}

/** «Пользователь»: reads the box, writes nothing, and has no page of accounts. */
async function reader(stand) {
  const t = wordsOf('ru');
  const roles = (await stand.ask('GET', '/roles')).items;
  same(roles.map((role) => role.name).sort(), ['Administrator', 'No access', 'User'], 'the roles of S0 4.7.1');
  await stand.ask('POST', '/users', { login: 'reader', password: 'First-pass1', role: roles.find((role) => role.name === 'User').id, projects: [1] });
  await stand.signIn('reader', 'First-pass1');
  await stand.ask('POST', '/session/password', { former: 'First-pass1', password: 'Second-pass1' });
  const page = await stand.open('/box/network', { login: 'reader', word: 'Second-pass1' });
  ok(await button(page, t('app:save')).isDisabled(), 'a reader cannot write');
  ok(await page.getByRole('button', { name: t('box:restart.button') }).count() === 0, 'nor restart');
  same(await page.locator('a[href="/admin/users"]').count(), 0, 'and sees no accounts in the menu');
  await stand.go(page, '/admin/users');
  ok((await page.innerText('body')).includes(t('app:forbidden.title')), 'nor by their address');
  page.complaints.length = 0;
  await page.context().close();
  await stand.signIn();
}

await test(async (stand) => {
  for (const [language, theme, width] of [['ru', 'light', 1280], ['en', 'dark', 390]]) {
    const t = wordsOf(language), name = `${language}-${theme}-${width}`;
    const page = await stand.open(undefined, { language, theme, width });
    await home(stand, page, t, name);
    await time(stand, page, t, name);
    await ethernet(stand, page, t, name);
    await modem(stand, page, t, name, width);
    await servers(stand, page, t, name, width);
    await skzi(stand, page, t, name, width);
    await diagnostics(stand, page, t, name, width);
    await lastWord(stand, page, t, name);
    await restart(stand, page, t, name);
    await page.context().close();
    await say(stand, 'button 12'); // the network as it came, for the other language
    await until('the defaults', async () => (await stand.ask('GET', '/box/network')).lans[0].address === '192.168.0.1');
  }
  await reader(stand);
}, { meters: 1, quiet: 0, days: 1, collect: false, face: 'gateway' });
