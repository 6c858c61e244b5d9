#!/usr/bin/env node
// Collection and control as people do it: a task made in three steps and run (S3 3.3), what was not read and why, read again;
// relays read, switched and read back (S3 3.4); what the menu of devices gains. In both languages and themes.
import { ok, same, test, until } from './support/stand.mjs';

const words = {
  ru: {
    add: 'Добавить задачу', next: 'Далее', create: 'Создать', add1: 'Добавить 1 устройство', daily: 'Каждый день', every: 'Каждый день в 01:00', runOf: 'Запустить сейчас: ', success: 'Успех', error: 'Ошибка',
    needDevices: 'Выберите хотя бы одну группу', needTitle: 'Назовите задачу', journalOf: 'Журнал обмена: ', detailed: 'Показать подробно', download: 'Скачать журнал', again: 'Опросить не прочитанные',
    scheduleOf: 'Расписание: ', tariff: 'A+ T1', exported: 'A− сумма тарифов', cancelled: 'Отмена пользователем', cancel: 'Отменить', readStates: 'Прочитать состояния', read2: 'Прочитать у 2 устройств',
    off: 'Отключить', reasonNeeded: 'Укажите основание', check: 'Проверить и продолжить', will: 'Будет отключено у 2 устройств: реле нагрузки', doIt: 'Отключить у 2', isOff: 'Отключено', isOn: 'Включено', close: 'Закрыть',
    menu: 'Действия', constructor: 'Конструктор действия', start: 'Запустить задачу', addToTask: 'Добавить в задачу сбора', addTo1: 'Добавить в 1 задачу', runOnce: 'Запустить разовую задачу', relays: 'Управление реле', loadOn: 'Включить реле нагрузки',
    do1: 'Включить у 1', restored: 'Восстановлено', copy: '(копия)', clone: 'Создать на базе', edit: 'Изменить', remove: 'Удалить', remove1: 'Удалить 1', byHand: 'Вручную', openRun: 'Информация запуска', commands: 'История команд',
  },
  en: {
    add: 'Add a task', next: 'Next', create: 'Create', add1: 'Add 1 device', daily: 'Every day', every: 'Every day at 01:00', runOf: 'Run now: ', success: 'Success', error: 'Error',
    needDevices: 'Choose at least one group', needTitle: 'Name the task', journalOf: 'Exchange journal: ', detailed: 'Show details', download: 'Download the journal', again: 'Read the unread again',
    scheduleOf: 'Schedule: ', tariff: 'A+ T1', exported: 'A− all tariffs', cancelled: 'Cancelled by a user', cancel: 'Cancel the run', readStates: 'Read states', read2: 'Read 2 devices',
    off: 'Switch off', reasonNeeded: 'Say why', check: 'Check and go on', will: 'Will be switched off at 2 devices: load relay', doIt: 'Switch off 2', isOff: 'Off', isOn: 'On', close: 'Close',
    menu: 'Actions', constructor: 'Action constructor', start: 'Start', addToTask: 'Add to a collection task', addTo1: 'Add to 1 task', runOnce: 'Run a task once', relays: 'Relay control', loadOn: 'Switch the load relay on',
    do1: 'Switch on 1', restored: 'is back', copy: '(copy)', clone: 'Make one like this', edit: 'Edit', remove: 'Delete', remove1: 'Delete 1', byHand: 'By hand', openRun: 'Open the run', commands: 'Commands',
  },
};

const row = (page, table, text) => page.locator(`[data-testid="table-${table}"] tbody tr.ant-table-row`, { hasText: text }).first();
const button = (page, text) => page.getByRole('button', { name: text }).first();
const textOf = (page, selector) => page.locator(selector).first().innerText();

/** Ticks rows of a table by what they say. */
async function tick(page, table, ...texts) {
  for (const text of texts) await row(page, table, text).locator('.ant-checkbox-input').check();
}

/** Chooses in a list by the words of an option. */
async function choose(page, select, option) {
  await select.click();
  await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').filter({ hasText: option }).first().click();
}

const seen = (page, locator) => locator.waitFor({ state: 'visible' });

/** Waits for a run's page to say its result. */
async function resultOf(page, word) {
  await seen(page, page.locator('[data-testid="facts"]').getByText(word, { exact: true }).first());
}

/** S3 3.3, steps 1 to 3, with what is forgotten on the way; returns the task's name. */
async function makeTask(stand, page, w, title, name) {
  await stand.go(page, '/tasks');
  await button(page, w.add).click();
  await stand.settle(page);
  await button(page, w.next).click();
  await seen(page, page.getByText(w.needDevices));
  await tick(page, 'pick-devices', '10000001');
  await button(page, w.add1).click();
  await stand.whole(page, `${name}-1`);
  await button(page, w.next).click();
  await page.locator('[data-testid="work"] > section').nth(1).locator('.ant-checkbox-input').first().check();
  const registers = page.locator('[data-testid="measurement-day"] .ant-select').nth(1);
  await registers.click();
  for (const [code, register] of [['1.0.1.8.1.255', w.tariff], ['1.0.2.8.0', w.exported]]) {
    await page.keyboard.type(code);
    await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option').filter({ hasText: register }).first().click();
  }
  await page.keyboard.press('Escape');
  await stand.whole(page, `${name}-2`);
  await page.reload();
  await stand.settle(page);
  ok((await textOf(page, '[data-testid="measurement-day"]')).includes(w.tariff), `${name}: what was chosen survives a reload`);
  await button(page, w.next).click();
  await choose(page, page.locator('[data-testid="schedule"] .ant-select').first(), w.daily);
  same(await textOf(page, '[data-testid="schedule-sentence"]'), w.every, `${name}: the schedule is a sentence`);
  await seen(page, page.locator('[data-testid="next-runs"] li').nth(4));
  await button(page, w.create).click();
  await seen(page, page.getByText(w.needTitle));
  await page.locator('input[maxlength="200"]').fill(title);
  await stand.whole(page, `${name}-3`);
  await button(page, w.create).click();
  await page.waitForURL(/\/tasks$/);
  await seen(page, row(page, 'tasks', title));
}

async function runTask(stand, page, w, title, name) {
  await page.getByRole('switch', { name: w.scheduleOf + title }).click();
  await until('the schedule is on', async () => (await page.getByRole('switch', { name: w.scheduleOf + title }).getAttribute('aria-checked')) === 'true');
  const task = (await stand.ask('GET', '/tasks')).items.find((item) => item.title === title);
  ok(task.scheduled && task.next && task.schedule.times[0] === '01:00', `${name}: the schedule is on, and the next run known`);
  await button(page, w.runOf + title).click();
  const line = row(page, 'tasks', title);
  await seen(page, line.getByText(w.success, { exact: true }));
  await stand.settle(page);
  await stand.whole(page, `${name}-list`);
  await line.locator('a[href^="/runs/"]').click();
  await resultOf(page, w.success);
  ok((await textOf(page, '[data-testid="tile-success"]')).startsWith('1'), `${name}: one device, read`);
  await stand.settle(page);
  await stand.whole(page, `${name}-run`);
}

/** The exchange: in words, then with frames explained; as text. */
async function seeJournal(stand, page, w, name) {
  await button(page, w.journalOf + '10000001').click();
  const journal = page.locator('.ant-drawer');
  await seen(page, journal.locator('li').nth(2));
  const steps = await journal.locator('li').count();
  await journal.getByRole('switch', { name: w.detailed }).click();
  await until('frames', async () => (await journal.locator('[data-testid="frame"]').count()) > 3);
  ok((await journal.locator('li').count()) > steps, `${name}: the detailed journal has frames`);
  await journal.locator('[data-testid="frame"]').nth(2).click();
  ok((await journal.locator('[data-testid="tree"] button').count()) > 2, `${name}: a frame is explained`);
  await page.waitForTimeout(200);
  await stand.whole(page, `${name}-journal`);
  const [file] = await Promise.all([page.waitForEvent('download'), journal.getByRole('button', { name: w.download }).click()]);
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  ok(file.suggestedFilename().endsWith('.txt') && Buffer.concat(chunks).toString().includes('10000001'), `${name}: the journal comes as text: ${file.suggestedFilename()}`);
  await page.locator('.ant-drawer-close').click();
}

/** Meters that do not answer: why, and once more. */
async function silent(stand, page, w, language, name) {
  const groups = (await stand.ask('GET', '/groups')).items;
  const quiet = groups.find((group) => group.title === 'Молчащие').id;
  const heard = (await stand.ask('GET', '/devices?search=10000002')).items[0].id;
  const title = `${name}-quiet`;
  const { id } = await stand.ask('POST', '/tasks', { title, devices: [heard], groups: [quiet], work: { measurements: [{ archive: 'current', depth_days: 0, registers: [] }] }, restarts: 0, restart_delay_s: 0 });
  await stand.go(page, '/tasks');
  await button(page, w.runOf + title).click();
  await until('the run ends', async () => (await stand.ask('GET', `/runs?task=${id}`)).items[0]?.ended, 200);
  const run = (await stand.ask('GET', `/runs?task=${id}`)).items[0];
  await stand.go(page, `/runs/${run.id}`);
  await resultOf(page, w.error);
  same([run.total, run.good, run.failed], [3, 1, 2], `${name}: one read, two did not answer`);
  await page.locator('[data-testid="tile-error"]').click();
  await until('two rows', async () => (await page.locator('[data-testid="table-run-devices"] tbody tr.ant-table-row').count()) === 2);
  const notes = await page.locator('[data-testid="note"]').allInnerTexts();
  ok(notes.length === 2 && notes.every((note) => note.length > 10 && (language === 'ru' ? /[а-я]{4}/ : /[a-z]{4}/).test(note)), `${name}: each says why`, notes);
  ok(page.url().includes('f.result=error'), `${name}: the filter is in the address`);
  await stand.settle(page);
  await stand.whole(page, `${name}-silent`);
  await button(page, w.again).click();
  await page.waitForURL((url) => /\/runs\/\d+$/.test(url.pathname) && !url.pathname.endsWith(`/${run.id}`));
  await resultOf(page, w.error);
  const asked = () => stand.ask('GET', `/runs/${/\d+$/.exec(new URL(page.url()).pathname)[0]}`);
  const again = await until('the second run ends', async () => { const run = await asked(); return run.ended && run; });
  same([again.total, again.failed, again.cause], [2, 2, 'one-off'], `${name}: only those who were not read are asked again`);
  page.complaints.length = 0;
}

/** S3 3.4 and 2.2.10: read two, switch two with a double click, read back. */
async function relays(stand, page, w, name) {
  await stand.go(page, '/relays');
  await button(page, w.readStates).click();
  await tick(page, 'relay-devices', '10000003', '10000004');
  await button(page, w.read2).click();
  await until('relays are read', async () => (await page.locator('.ant-modal [data-testid="outcome"]').getByText(w.success, { exact: true }).count()) === 3);
  await stand.whole(page, `${name}-read`);
  await page.locator('.ant-modal').getByRole('button', { name: w.close }).last().click();
  await seen(page, row(page, 'relays', '10000003'));
  const load = w === words.ru ? 'Реле нагрузки' : 'Load relay';
  const line = (serial) => page.locator('[data-testid="table-relays"] tbody tr.ant-table-row', { hasText: serial }).filter({ hasText: load });
  for (const serial of ['10000003', '10000004']) await line(serial).locator('.ant-checkbox-input').check();
  await stand.settle(page);
  await stand.whole(page, `${name}-list`);
  const before = (await stand.ask('GET', '/runs?cause=one-off')).total;
  await page.locator('[data-testid="table-relays"] .toolbar').getByRole('button', { name: w.off }).click();
  const dialog = page.locator('[data-testid="relay-dialog"]');
  await dialog.getByRole('button', { name: w.check }).click();
  await seen(page, dialog.getByText(w.reasonNeeded));
  await dialog.locator('textarea').first().fill('Заявка 17 от 22.11');
  await dialog.getByRole('button', { name: w.check }).click();
  ok((await dialog.locator('[data-testid="confirmation"]').innerText()).includes(w.will), `${name}: the confirmation names the count and the action`);
  await stand.whole(page, `${name}-confirm`);
  await dialog.getByRole('button', { name: w.doIt }).dblclick();
  await until('switched', async () => (await dialog.locator('[data-testid="outcome"]').getByText(w.success, { exact: true }).count()) === 3);
  await stand.whole(page, `${name}-done`);
  same((await stand.ask('GET', '/runs?cause=one-off')).total, before + 1, `${name}: a double click switches once`);
  await page.locator('.ant-modal').getByRole('button', { name: w.close }).last().click();
  await seen(page, line('10000003').getByText(w.isOff, { exact: true }).first());
  const states = (await stand.ask('GET', '/relays?search=1000000')).items.filter((relay) => relay.relay === 0);
  ok(['10000003', '10000004'].every((serial) => states.find((relay) => relay.serial === serial)?.output === 'off'), `${name}: both are off as read back`, JSON.stringify(states));
}

async function menuOf(page, w, ...serials) {
  await tick(page, 'devices', ...serials);
  await row(page, 'devices', serials[0]).click({ button: 'right' });
}

/** S3 2.2.5: the constructor, a task once, adding to a task, the relay of one device; then its history of commands. */
async function menu(stand, page, w, title, name) {
  await stand.go(page, '/devices');
  await menuOf(page, w, '10000005');
  await page.getByRole('menuitem', { name: w.constructor }).click();
  const dialog = page.locator('[data-testid="constructor"]');
  await dialog.locator('[data-testid="work"] > section').nth(2).locator('.ant-checkbox-input').check();
  await stand.whole(page, `${name}-constructor`);
  await dialog.getByRole('button', { name: w.start, exact: true }).click();
  await until('done', async () => (await dialog.locator('[data-testid="outcome"]').getByText(w.success, { exact: true }).count()) === 2);
  await dialog.getByRole('button', { name: w.openRun }).click();
  await page.waitForURL(/\/runs\/\d+$/);
  await resultOf(page, w.success);

  await stand.go(page, '/devices');
  await menuOf(page, w, '10000006');
  await page.getByRole('menuitem', { name: w.addToTask }).click();
  await tick(page, 'choose-task', title);
  await button(page, w.addTo1).click();
  await page.locator('[data-testid="task-choice"]').waitFor({ state: 'detached' });
  const task = (await stand.ask('GET', '/tasks')).items.find((item) => item.title === title);
  same((await stand.ask('GET', `/tasks/${task.id}`)).devices.length, 2, `${name}: the device is added to the task`);

  await menuOf(page, w, '10000006');
  await page.getByRole('menuitem', { name: w.runOnce }).click();
  await tick(page, 'choose-task', title);
  const choice = page.locator('[data-testid="task-choice"]');
  await choice.getByRole('button', { name: w.start, exact: true }).click();
  await until('done', async () => (await choice.locator('[data-testid="outcome"]').getByText(w.success, { exact: true }).count()) >= 1);
  await choice.getByRole('button', { name: w.close }).click();

  await stand.go(page, '/devices');
  await menuOf(page, w, '10000003');
  await page.locator('.ant-dropdown').getByRole('menuitem', { name: w.relays }).hover();
  await page.getByRole('menuitem', { name: w.loadOn }).click();
  const relay = page.locator('[data-testid="relay-dialog"]');
  await relay.locator('textarea').first().fill('Долг оплачен');
  await relay.getByRole('button', { name: w.check }).click();
  await relay.getByRole('button', { name: w.do1 }).click();
  await until('switched on', async () => (await relay.locator('[data-testid="outcome"]').getByText(w.success, { exact: true }).count()) === 2);
  await relay.getByRole('button', { name: w.close }).click();
  const device = (await stand.ask('GET', '/devices?search=10000003')).items[0].id;
  await stand.go(page, `/devices/${device}?tab=commands`);
  await until('commands', async () => (await page.locator('[data-testid="table-device-commands"] tbody tr.ant-table-row').count()) >= 1);
  ok((await page.locator('[data-testid="table-device-commands"]').innerText()).includes('Долг оплачен'), `${name}: the history of commands knows why`);
  await stand.whole(page, `${name}-commands`);
}

/** Clone, change, delete; the history. */
async function keep(stand, page, w, title, name) {
  await stand.go(page, '/tasks');
  await row(page, 'tasks', title).click({ button: 'right' });
  await page.getByRole('menuitem', { name: w.clone }).click();
  await stand.settle(page);
  await button(page, w.next).click();
  await seen(page, page.locator('[data-testid="work"]'));
  await button(page, w.next).click();
  await seen(page, page.locator('[data-testid="schedule"]'));
  ok((await page.locator('input[maxlength="200"]').inputValue()).endsWith(w.copy), `${name}: a copy is named so`);
  await button(page, w.create).click();
  await page.waitForURL(/\/tasks$/);
  await seen(page, row(page, 'tasks', w.copy));
  await tick(page, 'tasks', w.copy);
  await button(page, w.remove).click();
  await page.locator('.ant-modal-confirm').getByRole('button', { name: w.remove1 }).click();
  await row(page, 'tasks', w.copy).waitFor({ state: 'detached' });
  const task = (await stand.ask('GET', '/tasks')).items.find((item) => item.title === title);
  await stand.go(page, `/tasks/${task.id}/runs`);
  await seen(page, row(page, 'task-runs', w.byHand));
  await stand.whole(page, `${name}-history`);
}

await test(async (stand) => {
  for (const [language, theme] of [['ru', 'light'], ['en', 'dark']]) {
    const w = words[language], title = language === 'ru' ? 'нКс_10000001_A+T1 A-T0' : 'day_10000001', name = `collection-${language}-${theme}`;
    const page = await stand.open('/tasks', { language, theme });
    await makeTask(stand, page, w, title, `${name}-wizard`);
    await runTask(stand, page, w, title, name);
    await seeJournal(stand, page, w, name);
    await keep(stand, page, w, title, name);
    await silent(stand, page, w, language, name);
    await relays(stand, page, w, `${name}-relays`);
    await menu(stand, page, w, title, `${name}-menu`);
    await stand.go(page, '/runs');
    await stand.whole(page, `${name}-one-off`);
    await page.context().close();
    const phone = await stand.open('/runs', { language, theme, width: 390 });
    const last = (await stand.ask('GET', '/runs?size=1')).items[0];
    for (const [path, what] of [['/tasks', 'tasks'], ['/runs', 'one-off'], [`/runs/${last.id}`, 'run'], ['/relays', 'relays'], ['/tasks/new?step=3', 'wizard']]) {
      await stand.go(phone, path);
      const spill = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      ok(spill <= 0, `${name}-phone-${what}: nothing spills over the edge`, `${spill} px`);
      await stand.whole(phone, `${name}-phone-${what}`);
    }
    await phone.context().close();
  }
}, { collect: false, keyed: [3, 4] });
