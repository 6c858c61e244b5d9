#!/usr/bin/env node
// MQTT of the gateway as an installer sets it up (S0 4.6.1): a broker with a wrong password and then the right one, a template, a
// publication, what is collected arrives at a real mosquitto; both languages, both themes, a telephone.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { button, choose, dialog, field, menuItem, save, wordsOf } from './support/hands.mjs';
import { ok, same, test, until } from './support/stand.mjs';

/** mosquitto on a free port, user box with the password word-box; what it gets is kept by mosquitto_sub. */
async function broker(place) {
  const folder = join(place, 'broker');
  mkdirSync(folder);
  spawnSync('mosquitto_passwd', ['-c', '-b', join(folder, 'passwords'), 'box', 'word-box']);
  const port = await new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => done(free));
    });
  });
  writeFileSync(join(folder, 'mosquitto.conf'), `listener ${port} 127.0.0.1\nuser root\nallow_anonymous false\npassword_file ${folder}/passwords\n`);
  const program = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find(existsSync) ?? 'mosquitto';
  const process_ = spawn(program, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  await until('mosquitto', () => new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => { socket.end(); done(true); }).on('error', () => done(false));
  }));
  const heard = { text: '' };
  const ears = spawn('mosquitto_sub', ['-h', '127.0.0.1', '-p', String(port), '-u', 'box', '-P', 'word-box', '-t', '#', '-F', '%t %p'], { stdio: ['ignore', 'pipe', 'ignore'] });
  ears.stdout.on('data', (data) => void (heard.text += data));
  return { port, heard, end: () => { ears.kill(); process_.kill(); } };
}

const shows = (page, what) => until(`«${what}» is shown`, async () => (await page.evaluate(() => document.body.innerText)).includes(what)).then(() => true, () => false);
const tab = (page, name) => page.getByRole('tab', { name, exact: true }).click();
const errors = (place) => place.locator('.ant-form-item-explain-error').allTextContents();
/** A picture without a pointer over some button. */
const whole = async (stand, page, name) => {
  await page.mouse.move(0, 0);
  await stand.whole(page, name);
};
const rowMenu = async (page, table) => {
  await page.locator(`[data-testid="table-${table}"] tbody tr.ant-table-row`).first().click({ button: 'right' });
};

async function theBroker(stand, page, at, t) {
  ok(await shows(page, t('mqtt:brokers.empty')), 'no broker: the page says what to do');
  await whole(stand, page, 'mqtt-empty');
  await button(page, t('mqtt:brokers.add')).click();
  await button(dialog(page), t('app:save')).click();
  await until('errors', async () => (await errors(dialog(page))).length >= 2);
  ok(true, 'address and ID are wanted');
  await field(dialog(page), t('mqtt:field.address')).fill('127.0.0.1');
  await field(dialog(page), t('mqtt:field.port')).fill(String(at.port));
  await field(dialog(page), t('mqtt:field.device')).fill('box/1');
  await field(dialog(page), t('mqtt:field.prefix')).fill('town');
  await field(dialog(page), t('mqtt:field.login')).fill('box');
  await field(dialog(page), t('mqtt:field.password')).fill('wrong');
  await button(dialog(page), t('app:save')).click();
  await until('the server\'s word', async () => (await errors(dialog(page))).some((text) => text.includes('/ + #')));
  ok(true, 'what the server refuses is told at its field');
  page.complaints.length = 0; // Chromium tells the 400
  await whole(stand, page, 'mqtt-broker-dialog');
  await field(dialog(page), t('mqtt:field.device')).fill('box1');
  await save(page, t('app:save'));
  ok(await shows(page, 'неверные логин или пароль'), 'a wrong password is told in words');
  await button(page, 'box1').click();
  same(await field(dialog(page), t('mqtt:field.password')).inputValue(), '***', 'the password is not shown back');
  await field(dialog(page), t('mqtt:field.password')).fill('word-box');
  await save(page, t('app:save'));
  ok(await shows(page, t('mqtt:states.connected')), 'with the right one it connects');
  await whole(stand, page, 'mqtt-brokers');
  await button(page, 'box1').click();
  await dialog(page).getByRole('combobox', { name: t('mqtt:field.requests') }).click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: t('mqtt:requests.control') }).first().click();
  ok(await shows(page, t('mqtt:hint.requestsControl')) && await shows(page, 'town/box1/in'), 'who may ask by the broker, and what that means');
  await whole(stand, page, 'mqtt-broker-requests');
  await save(page, t('app:save'));
  await until('requests are taken', async () => (await stand.ask('GET', '/mqtt/brokers')).items[0].requests === 'control');
  ok(true, 'it is set');
}

async function theTemplate(stand, page, t) {
  await tab(page, t('mqtt:publications.title'));
  ok(await shows(page, t('mqtt:publications.notReady')), 'a publication wants a template first');
  await tab(page, t('mqtt:templates.title'));
  await button(page, t('mqtt:templates.add')).click();
  await field(dialog(page), t('mqtt:field.title')).fill('Сутки и профиль');
  await choose(page, dialog(page).getByTestId('want-0'), t('mqtt:field.kind'), 'начало суток');
  await button(dialog(page), t('mqtt:templates.addKind')).click();
  await choose(page, dialog(page).getByTestId('want-1'), t('mqtt:field.kind'), 'Текущие показания');
  same(await dialog(page).getByTestId('want-1').getByLabel(t('mqtt:field.depth')).count(), 0, 'what is of the moment has no depth');
  await button(dialog(page), t('mqtt:templates.addKind')).click();
  await choose(page, dialog(page).getByTestId('want-2'), t('mqtt:field.kind'), 'Профили');
  await dialog(page).getByTestId('want-2').getByRole('combobox', { name: t('mqtt:field.depth') }).click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: t('mqtt:depth.days') }).first().click();
  await button(dialog(page), t('app:save')).click();
  await until('days are wanted', async () => (await errors(dialog(page))).length === 1);
  await field(dialog(page).getByTestId('want-2'), t('mqtt:field.days')).fill('2');
  await whole(stand, page, 'mqtt-template-dialog');
  await save(page, t('app:save'));
  ok(await shows(page, 'Показания на начало суток — полная'), 'the template says what it sends');
  await whole(stand, page, 'mqtt-templates');
}

async function thePublication(stand, page, at, t) {
  await tab(page, t('mqtt:publications.title'));
  await button(page, t('mqtt:publications.add')).click();
  await field(dialog(page), t('mqtt:field.postfix')).fill('data');
  ok(await shows(page, 'town/box1/data'), 'the topic is shown while it is typed');
  await whole(stand, page, 'mqtt-publication-dialog');
  await save(page, t('app:save'));
  await stand.collect();
  ok(await shows(page, t('mqtt:progress.delivered')), 'what was collected is sent');
  await until('messages', () => /town\/box1\/data .*"measure":"aDay"/.test(at.heard.text));
  ok(/"serial":"10000001"/.test(at.heard.text), 'and arrives');
  await whole(stand, page, 'mqtt-publications');
  at.heard.text = '';
  await rowMenu(page, 'mqtt-publications');
  await menuItem(page, t('mqtt:publications.send')).click();
  await until('messages', () => /"measure":"aDay"/.test(at.heard.text));
  ok(true, 'sent once more by order');
}

async function otherEyes(stand) {
  const t = wordsOf('en');
  const page = await stand.open('/mqtt?tab=publications', { language: 'en', theme: 'dark' });
  ok(await shows(page, t('mqtt:publications.title')), 'in English');
  await whole(stand, page, 'mqtt-publications-en-dark');
  await page.context().close();
  const phone = await stand.open('/mqtt', { width: 390, height: 844 });
  await whole(stand, phone, 'mqtt-brokers-phone');
  await stand.go(phone, '/mqtt?tab=publications');
  await whole(stand, phone, 'mqtt-publications-phone');
  same(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'nothing runs over the edge of a telephone');
  await phone.context().close();
}

/** Where certificates are, their ends are. */
async function theCertificates(stand, t) {
  const at = join(stand.place, 'soon');
  spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=center', '-days', '5', '-keyout', `${at}.key`, '-out', `${at}.pem`]);
  const [broker] = (await stand.ask('GET', '/mqtt/brokers')).items;
  await stand.ask('PATCH', `/mqtt/brokers/${broker.id}`, { revision: broker.revision, security: 'tls1.2', authority: readFileSync(`${at}.pem`, 'ascii') });
  const page = await stand.open('/mqtt');
  await button(page, 'box1').click();
  await dialog(page).getByText(t('mqtt:certificates')).click();
  await dialog(page).getByTestId('certificate-end').waitFor();
  ok((await dialog(page).getByTestId('certificate-end').textContent()).includes('осталось 5 дней'), 'the field of a certificate says when it ends');
  await whole(stand, page, 'mqtt-broker-certificate');
  await page.context().close();
  const host = await stand.open('/host?tab=certificates');
  ok(await shows(host, 'CN = center') && await shows(host, 'Веб-сервер (HTTPS)'), 'and all stand in one list');
  await whole(stand, host, 'host-certificates');
  await host.context().close();
}

await test(async (stand) => {
  const at = await broker(stand.place);
  try {
    const t = wordsOf('ru');
    const page = await stand.open('/mqtt');
    await theBroker(stand, page, at, t);
    await theTemplate(stand, page, t);
    await thePublication(stand, page, at, t);
    await page.context().close();
    await otherEyes(stand);
    await theCertificates(stand, t);
  } finally {
    at.end();
  }
}, { face: 'gateway', meters: 4, quiet: 0, collect: false });
