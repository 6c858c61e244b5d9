#!/usr/bin/env node
// Control of tasks, runs and relays where it does not go straight: whole groups by the week and by the month, two people at one task,
// a run that waits for its next try and is cancelled, a relay that its lock refuses. In both languages and themes.
import { ok, same, test, until } from './support/stand.mjs';
import { button, dialog, menuItem, wordsOf } from './support/hands.mjs';

const rowOf = (page, table, text) => page.locator(`[data-testid="table-${table}"] tbody tr.ant-table-row`, { hasText: text }).first();
const option = (page, text) => page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: text }).first();
const taskNamed = async (stand, title) => {
  const row = (await stand.ask('GET', '/tasks')).items.find((task) => task.title === title);
  return row && stand.ask('GET', `/tasks/${row.id}`);
};

async function chooseKind(page, t, kind) {
  await page.getByRole('combobox', { name: t('collection:schedule.kind') }).click();
  await option(page, t(`collection:schedule.kinds.${kind}`)).click();
}

/** A task for a group, every Tuesday and Friday at two hours of the day. */
async function weekly(stand, page, t, language, title, name) {
  await stand.go(page, '/tasks/new');
  const groups = (await stand.ask('GET', '/groups')).items, quiet = groups.find((group) => group.title === 'Молчащие');
  await page.getByRole('combobox', { name: t('collection:pick.groups') }).click();
  await option(page, 'Молчащие').click();
  await page.keyboard.press('Escape');
  const summary = await page.getByTestId('summary').innerText();
  ok(summary.includes(t('collection:pick.groupsCount', { count: 1 })) && summary.includes(t('collection:pick.devicesCount', { count: quiet.devices })), `${name}: the group and its devices are counted`, summary);
  await stand.whole(page, `${name}-group`);
  await button(page, t('collection:wizard.forward')).click();
  await page.locator('[data-testid="work"] > section').nth(3).locator('.ant-checkbox-input').first().check();
  await button(page, t('collection:wizard.forward')).click();
  await chooseKind(page, t, 'weekly');
  const days = page.getByTestId('schedule').locator('.ant-checkbox-wrapper');
  for (const [day, on] of [[1, true], [4, true], [0, false]]) await days.nth(day).locator('input').setChecked(on);
  await button(page, t('collection:schedule.addTime')).click();
  const sentence = { ru: 'По дням: вт и пт — в 01:00 и 07:00', en: 'On Tue and Fri at 01:00 and 07:00' }[language];
  await until('the sentence', async () => (await page.getByTestId('schedule-sentence').innerText()) === sentence).catch(() => {});
  same(await page.getByTestId('schedule-sentence').innerText(), sentence, `${name}: the week is a sentence`);
  await page.getByTestId('next-runs').locator('li').nth(4).waitFor();
  await page.getByLabel(t('collection:name'), { exact: true }).fill(title);
  await stand.whole(page, `${name}-weekly`);
  await button(page, t('collection:wizard.create')).click();
  await page.waitForURL(/\/tasks$/);
  const task = await taskNamed(stand, title);
  same([task.groups, task.devices, task.schedule.kind, task.schedule.weekdays, task.schedule.times], [[quiet.id], [], 'weekly', [2, 5], ['01:00', '07:00']], `${name}: the task is as it was put together`);
}

/** By the month; meanwhile somebody else changes the task: nothing is overwritten unasked. */
async function monthlyOfTwo(stand, page, t, title, name) {
  const before = await taskNamed(stand, title);
  await stand.go(page, `/tasks/${before.id}/edit?step=3`);
  await chooseKind(page, t, 'monthly');
  const month = page.getByRole('group', { name: t('collection:schedule.days') });
  await month.getByRole('button', { name: '15', exact: true }).click();
  await month.getByRole('button', { name: t('collection:schedule.lastDay'), exact: true }).click();
  ok((await page.getByTestId('schedule-sentence').innerText()).includes(t('collection:schedule.lastDay')), `${name}: the last day of the month is one to choose`);
  await page.getByTestId('next-runs').locator('li').nth(4).waitFor();
  await stand.whole(page, `${name}-monthly`);
  await stand.ask('PATCH', `/tasks/${before.id}`, { revision: before.revision, priority: 77 });
  await button(page, t('save')).click();
  const differences = page.getByTestId('changed');
  await differences.waitFor();
  page.complaints.length = 0; // the browser itself tells the console of the 409
  await stand.whole(page, `${name}-two`);
  const shown = await differences.locator('tbody tr.ant-table-row').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
  same(shown, [[t('collection:wizard.field.priority'), '1', '77', '77']], `${name}: what the other one changed is shown field by field`);
  await button(differences, t('changed.stayButton')).click();
  same((await taskNamed(stand, title)).schedule.kind, 'weekly', `${name}: somebody was faster: nothing is written`);
  ok(await month.getByRole('button', { name: '15', exact: true }).getAttribute('aria-pressed') === 'true', `${name}: and nothing typed is lost`);
  await button(page, t('cancel')).click(); // leaving keeps the draft, and says so
  await page.getByText(t('unsaved.kept')).waitFor();
  await button(dialog(page), t('unsaved.leave')).click();
  await page.waitForURL(/\/tasks$/);
  await stand.go(page, `/tasks/${before.id}/edit?step=3`);
  ok(await month.getByRole('button', { name: '15', exact: true }).getAttribute('aria-pressed') === 'true', `${name}: who comes back finds his draft`);
  await button(page, t('save')).click();
  await button(differences, t('changed.mineButton')).click();
  await page.waitForURL(/\/tasks$/);
  const task = await taskNamed(stand, title);
  same([task.schedule.kind, [...task.schedule.days].sort((a, b) => a - b), task.schedule.times, task.priority], ['monthly', [0, 1, 15], ['01:00', '07:00'], 77], `${name}: mine is written, and what the other one changed stays his`);
  page.complaints.length = 0; // the browser itself tells the console of the 409
}

/** Nobody answers: the run waits for its next try and says so, until it is cancelled. */
async function cancelled(stand, page, t, name) {
  const quiet = (await stand.ask('GET', '/groups')).items.find((group) => group.title === 'Молчащие');
  const title = `${name}-waits`;
  await stand.ask('POST', '/tasks', { title, groups: [quiet.id], work: { states: true }, restarts: 2, restart_delay_s: 600 });
  await stand.go(page, '/tasks');
  await page.getByRole('button', { name: t('collection:list.runOf', { title }) }).click();
  await rowOf(page, 'tasks', title).locator('a[href^="/runs/"]').click();
  await page.waitForURL(/\/runs\/\d+$/);
  const waits = page.getByTestId('resting');
  await until('both wait', async () => (await waits.count()) === quiet.devices);
  ok((await waits.allInnerTexts()).every((text) => /\d/.test(text) && text.startsWith(t('collection:run.resting', { time: '' }))), `${name}: each says when it is asked again`, await waits.allInnerTexts());
  await stand.settle(page);
  await stand.whole(page, `${name}-waits`);
  const kind = (await stand.ask('GET', '/drivers')).items.find((driver) => driver.name === 'spodes');
  ok(!(await page.getByTestId('table-run-devices').innerText()).includes('spodes'), `${name}: the kind is told by its title`, kind.title);
  await button(page, t('collection:run.cancel')).click();
  await button(dialog(page), t('collection:run.cancel')).click();
  await page.getByTestId('facts').getByText(t('collection:result.cancelled-by-user'), { exact: true }).first().waitFor();
  await until('nobody waits', async () => (await waits.count()) === 0);
  const run = await until('it has ended', async () => { const last = (await stand.ask('GET', '/runs?size=1')).items[0]; return last.ended && last; });
  same([run.title, run.result], [title, 'cancelled-by-user'], `${name}: a run is cancelled by hand`);
  await stand.settle(page);
  await stand.whole(page, `${name}-cancelled`);
}

/** The meter's lock decides; once it is known, the command is not even offered (S3 2.2.10). */
async function locked(stand, page, t, language, serial, name) {
  const off = async () => {
    const box = page.getByTestId('relay-dialog');
    await box.locator('textarea').first().fill('Заявка 18');
    await button(box, t('collection:relays.check')).click();
    return box;
  };
  await stand.go(page, `/devices?q=${serial}`);
  await rowOf(page, 'devices', serial).click({ button: 'right' });
  await page.locator('.ant-dropdown').getByRole('menuitem', { name: t('collection:actions.relays') }).hover();
  await menuItem(page, t('collection:actions.loadOff')).click();
  let box = await off();
  await button(box, t('collection:relays.do.off', { count: 1 })).click();
  await until('refused', async () => (await box.getByTestId('outcome').getByText(t('collection:result.error'), { exact: true }).count()) === 2);
  const why = { ru: 'введена аппаратная блокировка', en: 'hardware lock is on' }[language];
  await until('the reason', async () => (await box.getByTestId('outcome').innerText()).includes(why));
  ok(true, `${name}: the lock at the meter refuses, and it is said`);
  await stand.whole(page, `${name}-locked`);
  await button(box, t('close')).click();
  await stand.go(page, '/relays');
  await rowOf(page, 'relays', serial).locator('.ant-checkbox-input').check();
  await page.locator('[data-testid="table-relays"] .toolbar').getByRole('button', { name: t('collection:relays.off') }).click();
  const runs = (await stand.ask('GET', '/runs?size=1')).total;
  box = await off();
  await box.getByText(t('collection:relays.nobodyAllowed')).waitFor();
  ok((await box.getByTestId('plan').innerText()).includes(t('collection:relays.refused')), `${name}: known as locked, it is refused beforehand`);
  ok(await button(box, t('collection:relays.do.off', { count: 0 })).isDisabled(), `${name}: there is nothing to press`);
  await stand.whole(page, `${name}-refused`);
  same((await stand.ask('GET', '/runs?size=1')).total, runs, `${name}: and nothing was sent`);
  await button(box, t('cancel')).click();
}

await test(async (stand) => {
  for (const [language, theme] of [['ru', 'light'], ['en', 'dark']]) {
    const t = wordsOf(language), name = `control-${language}-${theme}`, title = `Группа ${language}`;
    const page = await stand.open(undefined, { language, theme });
    await weekly(stand, page, t, language, title, name);
    await monthlyOfTwo(stand, page, t, title, name);
    await cancelled(stand, page, t, name);
    await locked(stand, page, t, language, language === 'ru' ? '30000001' : '30000002', name);
    await page.context().close();
  }
}, { meters: 1, locked: 2, collect: false });
