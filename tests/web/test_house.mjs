#!/usr/bin/env node
// People and house-keeping: S3 3.1 from the first sign-in to work in a new project; roles, mail, archives, events, host, notices,
// one's own profile with a second factor; what two people edit at once.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import { button, wordsOf } from './support/hands.mjs';
import { ok, password, same, test, until } from './support/stand.mjs';

const form = (page) => page.locator('.ant-modal:visible form, .ant-modal:visible');
const press = (place, words) => button(place, words).click();
const errors = (place) => place.locator('.ant-form-item-explain-error').allTextContents();
const said = (page, words) => page.locator('.ant-message, .ant-notification').getByText(words).first().waitFor();

/** The code of an authenticator (RFC 6238); `ahead` steps from now. */
function totp(secret, ahead = 0) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', key).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Enough of SMTP to take letters; the real servers are met in tests/system/test_house.py. */
function mailBox() {
  const letters = [];
  const server = createServer((socket) => {
    let data = false, letter = '';
    socket.write('220 test\r\n');
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').slice(0, -1)) {
        if (data && line !== '.') letter += `${line}\n`;
        else if (data) { data = false; letters.push(letter); letter = ''; socket.write('250 taken\r\n'); }
        else if (/^DATA/i.test(line)) { data = true; socket.write('354 go on\r\n'); }
        else if (/^QUIT/i.test(line)) { socket.end('221 bye\r\n'); }
        else socket.write('250 ok\r\n');
      }
    });
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done({ letters, port: server.address().port, close: () => server.close() })));
}

/** Words that the server says. */
const told = {
  ru: { permissions: ['Чтение списка устройств', 'Отображение устройств'], role: 'Оператор' },
  en: { permissions: ['Read the list of devices', 'See the pages of devices'], role: 'Operator' },
};

async function firstSignIn(stand, page, t) {
  await page.goto('/');
  await page.getByLabel(t('signIn.login')).fill('admin');
  await page.getByLabel(t('signIn.password'), { exact: true }).fill(stand.firstPassword);
  await press(page, t('signIn.enter'));
  await page.getByLabel(t('firstPassword.former')).fill(stand.firstPassword);
  const change = async (word) => {
    await page.getByLabel(t('firstPassword.password'), { exact: true }).fill(word);
    await page.getByLabel(t('firstPassword.again')).fill(word);
    await press(page, t('firstPassword.change'));
  };
  await change('нет');
  ok((await errors(page)).length > 0, 'too short a password is told at its field');
  await change(password);
  await page.getByTestId('user').waitFor();
  ok(true, 'the administrator signs in and changes the printed password');
}

async function makeRole(stand, page, t, language, name) {
  await stand.go(page, '/admin/roles');
  await press(page, t('people:roles.add'));
  await form(page).getByLabel(t('people:roles.name')).fill('Наблюдатель');
  await press(form(page), t('add'));
  same(await errors(form(page)), [t('people:roles.none')], 'a role without permissions is none');
  for (const permission of told[language].permissions) await form(page).getByRole('checkbox', { name: permission }).check();
  await stand.whole(page, `house-role-dialog-${name}`);
  await press(form(page), t('add'));
  await page.getByRole('link', { name: 'Наблюдатель' }).or(page.getByText('Наблюдатель')).first().waitFor();
  ok(true, 'a role of one\'s own is made');
}

async function makeUser(stand, page, t, language, name) {
  const begin = () => press(page, t('people:users.add'));
  const label = (field) => form(page).getByLabel(t(`people:users.${field}`));
  const chooseRole = async (role) => {
    await form(page).locator('#role').click();
    await page.locator('.ant-select-dropdown:visible').getByText(role, { exact: true }).first().click();
  };
  await stand.go(page, '/admin/users');
  await begin();
  await label('login').fill('operator');
  await label('name').fill('Оператор Первый');
  await page.reload();
  await stand.settle(page);
  await begin();
  same(await label('name').inputValue(), 'Оператор Первый', 'a half-written form survives a reload');
  await label('firstPassword').fill('с пробелом');
  await label('email').fill('operator@example.org');
  await chooseRole(told[language].role);
  await press(form(page), t('add'));
  ok((await errors(form(page))).includes(t('passwordRules')), 'a password against the rules is told at its field');
  await label('firstPassword').fill('operator-1');
  await stand.whole(page, `house-user-dialog-${name}`);
  await press(form(page), t('add'));
  await page.locator('[data-testid=table-users]').getByText('operator', { exact: true }).first().waitFor();
  await begin();
  await label('login').fill('operator');
  await label('firstPassword').fill('operator-1');
  await chooseRole('Наблюдатель');
  await press(form(page), t('add'));
  await form(page).getByText(t('people:users.taken')).first().waitFor();
  ok(true, 'a name that is taken is told at its field');
  await press(form(page), t('cancel'));
  await press(page.locator('.ant-modal-confirm'), t('unsaved.leave'));
}

/** A world of one's own, entered; who makes it gets it from the API. */
async function makeProject(stand, page, t, name, title) {
  const next = () => press(form(page), t('people:projects.next')), make = () => press(form(page), t('people:projects.make'));
  const label = (field) => form(page).getByLabel(t(`people:projects.${field}`));
  await stand.go(page, '/admin/projects');
  await press(page, t('people:projects.create'));
  await next();
  same(await errors(form(page)), [t('required')], 'a project needs a name');
  await label('name').fill('Default');
  await label('note').fill('Проект номер один');
  await next();
  await form(page).getByRole('checkbox', { name: 'operator' }).check();
  await make();
  await form(page).getByText(t('people:projects.taken')).first().waitFor();
  ok(true, 'a taken name leads back to its step');
  await label('name').fill(title);
  await next();
  ok(await form(page).getByRole('checkbox', { name: 'operator' }).isChecked(), 'who was chosen stays chosen');
  page.complaints.length = 0; /* the browser notes the answers 409 */
  await stand.whole(page, `house-project-people-${name}`);
  await make();
  await said(page, t('people:projects.made', { title }));
  await page.locator('.ant-notification').getByRole('button', { name: t('people:projects.enter') }).click();
  await page.locator('header').getByText(title).first().waitFor();
  const made = (await stand.signIn(), await stand.ask('GET', '/projects')).items.find((project) => project.title === title);
  const operator = (await stand.ask('GET', '/users')).items.find((user) => user.login === 'operator');
  same(made.users, [operator.id], 'the project is made with its people');
  await stand.go(page, '/devices');
  await page.getByText(title).first().waitFor();
  same((await page.evaluate(() => fetch('/api/v1/devices').then((r) => r.json()))).total, 0, 'and is an empty world of its own');
  await stand.whole(page, `house-project-${name}`);
  return made;
}

async function twoAtOneProject(stand, page, t, made) {
  const note = page.getByLabel(t('people:projects.note'));
  await stand.go(page, `/admin/projects/${made.id}`);
  await note.fill('Другое описание');
  await stand.ask('PATCH', `/projects/${made.id}`, { revision: made.revision, note: 'Чужое описание' });
  await press(page.locator('.ant-card').first(), t('save'));
  await page.getByRole('dialog').getByText('Чужое описание').first().waitFor();
  ok(true, 'two who edit the same do not overwrite each other silently');
  await press(page.getByRole('dialog'), t('changed.mineButton'));
  await until('the change', async () => (await stand.ask('GET', `/projects/${made.id}`)).note === 'Другое описание');
  ok(true, 'one decides');
  await stand.rested(page);
  await note.fill('Недописанное');
  await page.locator('nav').getByText(t('people:roles.title'), { exact: true }).first().click();
  await press(page.locator('.ant-modal-confirm'), t('unsaved.stay'));
  same(await note.inputValue(), 'Недописанное', 'unsaved words ask before they are left');
}

/** S3 3.1, steps 1 to 6, with the users and a role that it takes: from the first sign-in to work in a new project. */
async function preparation(stand, language, theme) {
  const t = wordsOf(language), name = `${language}-${theme}`;
  const page = await stand.open(undefined, { login: null, language, theme });
  await firstSignIn(stand, page, t);
  await makeRole(stand, page, t, language, name);
  await makeUser(stand, page, t, language, name);
  const made = await makeProject(stand, page, t, name, language === 'ru' ? 'Проект 1' : 'Project 1');
  await twoAtOneProject(stand, page, t, made);
  await page.context().close();
}

async function foreigner(stand) {
  const page = await stand.open(undefined, { login: null, language: 'en', theme: 'dark' });
  await page.goto('/');
  await page.getByLabel('User name').fill('operator');
  await page.getByLabel('Password', { exact: true }).fill('operator-1');
  await press(page, 'Sign in');
  await page.getByLabel('Present password').fill('operator-1');
  await page.getByLabel('New password', { exact: true }).fill('operator-2');
  await page.getByLabel('New password again').fill('operator-2');
  await press(page, 'Change the password');
  await page.getByTestId('user').waitFor();
  const menu = await page.locator('nav').innerText();
  ok(!/Roles|Users|Projects/.test(menu), 'an operator has no pages of the administrator', menu);
  await page.goto('/admin/users');
  await page.getByText('Your role').or(page.getByText('No access')).first().waitFor();
  ok(true, 'nor by their address');
  page.complaints.length = 0;
  await page.context().close();
}

async function mail(stand) {
  const box = await mailBox();
  const page = await stand.open('/admin/mail');
  await page.getByLabel('Адрес SMTP-сервера').fill('bad/host');
  await page.getByLabel('Email отправителя').fill('nobody');
  await press(page, 'Записать');
  await page.getByText('это не адрес электронной почты').first().waitFor();
  same((await errors(page)).length, 2, 'the server\'s refusals stand at their fields');
  page.complaints.length = 0; /* the browser notes answers 400 */
  await page.getByLabel('Адрес SMTP-сервера').fill('127.0.0.1');
  await page.getByLabel('Email отправителя').fill('svod@example.org');
  await page.getByLabel('Порт').fill(String(box.port));
  await press(page, 'Записать');
  await until('mail is set', async () => (await stand.ask('GET', '/mail')).port === box.port);
  await page.locator('.ant-card').nth(1).getByLabel('Кому').fill('chief@example.org');
  await press(page, 'Послать');
  await page.getByText('Письмо принято сервером').first().waitFor();
  ok(box.letters[0].includes('To: <chief@example.org>'), 'the test message is sent', box.letters[0]);
  await stand.whole(page, 'house-mail');
  await page.context().close();
  return box;
}

async function notices(stand, box) {
  await stand.ask('PATCH', '/session/profile', { email: 'chief@example.org' });
  const page = await stand.open('/settings/notices');
  await page.getByRole('switch', { name: 'Опрос закончен с ошибками: Письмом' }).click();
  await press(page, 'Записать');
  await until('the choice', async () => (await stand.ask('GET', '/notices/kinds')).items.find((kind) => kind.name === 'collection-failed').mailed);
  const before = (await stand.ask('GET', '/notices/unread')).unread;
  await stand.collect();
  await until('the bell counts', async () => Number(await page.locator('header .ant-badge-count').getAttribute('title')) > before, 200);
  ok(true, 'a notice comes to the bell of a page that is open');
  await until('the letter', () => box.letters.length === 2, 200);
  ok(true, 'and by mail');
  await page.getByTestId('bell').click();
  await page.getByTestId('notices').getByText('Не прочитано устройств').first().waitFor();
  await stand.whole(page, 'house-bell');
  await page.getByTestId('notices').getByRole('button', { name: 'Прочитать все' }).click();
  await until('all read', async () => (await page.locator('header .ant-badge-count').count()) === 0);
  ok(true, 'read, it is counted no more');
  await page.getByTestId('notices').getByRole('link', { name: 'Все уведомления' }).click();
  await page.locator('[data-testid=table-notices]').getByText('Не прочитано устройств').first().waitFor();
  await stand.whole(page, 'house-notices');
  await page.context().close();
  box.close();
}

async function archives(stand) {
  const page = await stand.open('/admin/archives');
  await page.getByText('Профиль нагрузки').first().click();
  await form(page).getByLabel('Глубина хранения').fill('100');
  await press(form(page), 'Записать');
  await page.locator('.ant-modal-confirm-title').getByText('Оставить только последние 100 суток?').waitFor();
  await press(page.locator('.ant-modal-confirm').last(), 'Записать');
  await until('the depth', async () => (await stand.ask('GET', '/archives')).items.find((archive) => archive.name === 'profile').days === 100);
  ok(true, 'a shorter depth asks before');
  await page.getByRole('tab', { name: 'Журналы системы' }).click();
  await page.getByText('События безопасности').last().waitFor();
  await stand.whole(page, 'house-archives');
  await page.context().close();
}

async function events(stand) {
  const page = await stand.open('/events/security');
  await page.locator('tbody').getByText('Добавление пользователя').first().click();
  await page.locator('.ant-drawer').getByText('SSET_USER_ADD').first().waitFor();
  await stand.whole(page, 'house-event');
  await page.keyboard.press('Escape');
  await page.getByLabel('Выгрузить показанное').click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.ant-dropdown:visible').getByText('CSV').first().click()]);
  same(file.suggestedFilename(), 'security-log.csv', 'the log as a file');
  await stand.go(page, '/events/security?f.kind=SSET_PROJECT_ADD');
  same(await page.locator('tbody tr.ant-table-row').count(), 1, 'filtered by kind, from the address');
  await stand.go(page, '/events/general');
  await page.locator('tbody').getByText('Изменён архив').first().click();
  await page.locator('.ant-drawer').getByText('"days"').or(page.locator('.ant-drawer').getByText('days')).first().waitFor();
  ok((await page.locator('.ant-drawer').innerText()).includes('1300'), 'before and after, field by field');
  await stand.go(page, '/admin/logs?f.service=server');
  await page.locator('tbody').getByText('server-start').first().waitFor();
  await stand.whole(page, 'house-logs');
  await page.context().close();
}

async function host(stand) {
  const page = await stand.open('/host?tab=services');
  await page.getByText('База данных').first().waitFor();
  same(await page.locator('tbody').getByText('В порядке').count() >= 4, true, 'services in words');
  await stand.go(page, '/about');
  const hash = (await stand.ask('GET', '/about')).hash;
  await page.getByText(hash).first().waitFor();
  ok(hash.length === 64, 'the checksum of the program');
  await stand.go(page, '/about/api?search=/host');
  await page.getByText('/api/v1/host', { exact: true }).first().click();
  await press(page, 'Вызвать');
  await page.getByTestId('tried').getByText('200', { exact: true }).first().waitFor();
  ok((await page.getByTestId('tried').innerText()).includes('"database"'), 'a GET is tried with one\'s session');
  await stand.whole(page, 'house-api');
  await page.context().close();
}

async function profile(stand) {
  const page = await stand.open('/settings/profile?tab=safety', { login: 'operator', word: 'operator-2' });
  await page.getByLabel('Новый пароль', { exact: true }).fill('коротк я');
  same(await page.locator('[data-testid=password-rules] li').evaluateAll((found) => found.map((li) => li.dataset.holds)), ['true', 'false', 'true'], 'the rules are ticked off while one types');
  await page.getByLabel('Нынешний пароль').fill('не тот');
  await page.getByLabel('Новый пароль', { exact: true }).fill('operator-3');
  await page.getByLabel('Новый пароль ещё раз').fill('operator-3');
  await press(page, 'Сменить пароль');
  await page.getByText('Нынешний пароль не подходит').first().waitFor();
  await page.getByLabel('Нынешний пароль').fill('operator-2');
  await press(page, 'Сменить пароль');
  await said(page, 'Пароль сменён');
  ok(true, 'the password is changed');

  await press(page, 'Включить');
  await form(page).getByLabel('Ваш пароль').fill('operator-3');
  await press(form(page), 'Далее');
  await form(page).getByAltText('QR-код для приложения-аутентификатора').waitFor();
  page.complaints.length = 0; /* the browser notes the answer 401 */
  await stand.whole(page, 'house-second-factor');
  const secret = (await page.getByTestId('totp-secret').innerText()).trim();
  await form(page).getByLabel('Шесть цифр из приложения').fill(totp(secret));
  await press(form(page), 'Включить второй фактор');
  await page.getByTestId('recovery-codes').waitFor();
  same(await page.locator('[data-testid=recovery-codes] span').count(), 10, 'ten recovery codes');
  await press(form(page), 'Коды сохранены');
  await page.getByText('включён', { exact: true }).first().waitFor();
  ok(true, 'the second factor is on');

  const entry = await stand.open(undefined, { login: null });
  await entry.goto('/');
  await entry.getByLabel('Имя пользователя').fill('operator');
  await entry.getByLabel('Пароль', { exact: true }).fill('operator-3');
  await press(entry, 'Войти');
  await entry.getByLabel('Код второго фактора').fill(totp(secret, 1));
  await press(entry, 'Войти');
  await entry.getByTestId('user').waitFor();
  ok(true, 'signing in takes the code');

  await stand.go(page, '/settings/profile?tab=sessions');
  await page.locator('tbody').getByText('этот').first().waitFor();
  ok((await page.locator('tbody').innerText()).includes('Chrome'), 'a session says its browser');
  await page.locator('tbody tr.ant-table-row').filter({ hasNotText: 'этот' }).first().getByRole('checkbox').check();
  await press(page, 'Завершить');
  await press(page.locator('.ant-modal-confirm'), 'Завершить');
  await said(page, 'Сеансы завершены');
  await entry.reload();
  await entry.getByLabel('Имя пользователя').waitFor();
  ok(true, 'an ended session is out');
  await entry.context().close();

  await stand.go(page, '/settings/profile?tab=tokens');
  await press(page, 'Создать ключ');
  await form(page).getByLabel('Название').fill('выгрузка');
  await press(form(page), 'Создать');
  const token = (await page.getByTestId('token').innerText()).trim();
  same((await fetch(`${stand.url}/api/v1/session`, { headers: { Authorization: `Bearer ${token}` } })).status, 200, 'a token is shown once and lets a program in');
  await press(form(page), 'Ключ сохранён');
  await stand.whole(page, 'house-tokens');

  await stand.go(page, '/settings/app');
  await page.locator('.ant-segmented').getByText('Тёмная').first().click();
  same(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'the theme is chosen');
  await page.getByRole('switch', { name: 'Свёрнутое меню' }).click();
  await until('the setting', async () => (await page.evaluate(() => fetch('/api/v1/session/settings').then((r) => r.json())))['menu.collapsed'] === true);
  await press(page, 'Сбросить настройки');
  await press(page.locator('.ant-modal-confirm'), 'Сбросить настройки');
  await said(page, 'Настройки сброшены');
  same(await page.evaluate(() => fetch('/api/v1/session/settings').then((r) => r.json())), {}, 'settings are as at first');
  await page.context().close();
}

await test(async (stand) => {
  await preparation(await stand.beside({ meters: 1, quiet: 0, days: 1, first: true }), 'en', 'dark');
  await preparation(stand, 'ru', 'light');
  await foreigner(stand);
  await stand.signIn();
  const box = await mail(stand);
  await notices(stand, box);
  await archives(stand);
  await events(stand);
  await host(stand);
  await profile(stand);
}, { meters: 2, quiet: 2, days: 1, first: true });
