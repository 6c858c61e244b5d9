#!/usr/bin/env node
// Devices as people set them up (S3 3.2) and look at them (3.4): in Russian by day and in English at night.
import { ok, same, test, until } from './support/stand.mjs';
import { button, choose, dialog, field, menuItem, save, wordsOf } from './support/hands.mjs';

const serial = '10000003';

/** S3 3.2, steps 1–2: the device. Its page opens. */
async function addDevice(stand, page, t) {
  await stand.go(page, '/devices');
  await button(page, t('add')).click();
  const form = dialog(page);
  await button(form, t('add')).click();
  ok(await form.getByText(t('required')).first().isVisible(), 'an empty form says what is missing');
  await field(form, t('devices:serial')).fill('10000001');
  await choose(page, form, t('devices:type'), 'CE307', 'DLMS');
  await button(form, t('add')).click();
  await form.locator('.ant-form-item-explain-error').waitFor();
  ok(await form.isVisible(), 'a serial number that is taken is refused at its field');
  page.complaints.length = 0; // the browser itself tells the console of a refusal
  await field(form, t('devices:serial')).fill(serial);
  await field(form, t('devices:name')).fill('ул. Новая, 1');
  await save(page, t('add'));
  await page.waitForURL(/devices\/\d+$/);
  await stand.settle(page);
  return Number(page.url().split('/').pop());
}

/** Step 3: the channel. */
async function addLink(stand, page, t, title) {
  await stand.go(page, '/links');
  await button(page, t('add')).click();
  const form = dialog(page);
  await field(form, t('links:field.title')).fill(title);
  await field(form, t('links:field.host')).fill('127.77.0.3');
  await field(form, t('links:field.port')).fill(String(stand.port));
  await save(page, t('save'));
  ok(await page.getByText(`127.77.0.3:${stand.port}`).first().isVisible(), 'the channel stands in the list');
}

/** Step 4: the protocol profile. Fields that have no say go as one types. */
async function addProtocol(stand, page, t, title) {
  await stand.go(page, '/protocols');
  await button(page, t('add')).click();
  const form = dialog(page);
  await field(form, t('protocols:field.title')).fill(title);
  await choose(page, form, t('protocols:field.driver'), 'CE307', 'DLMS');
  const before = await form.locator('.ant-form-item').count();
  await form.locator('#parameters_transport').click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: 'wrapper' }).click();
  ok((await form.locator('.ant-form-item').count()) < before, 'with the wrapper the fields of HDLC are gone');
  await form.locator('#parameters_password').fill('111111');
  await save(page, t('save'));
  const row = page.getByRole('row').filter({ hasText: title });
  ok(/\*\*\*/.test(await row.textContent()), 'the password shows as ***');
  ok(!/111111/.test(await page.content()), 'and is nowhere on the page');
}

/** Step 5: the line; then the meter is read for real. */
async function addLine(stand, page, t, id, link, protocol) {
  await stand.go(page, `/devices/${id}`);
  await button(page, t('devices:line.add')).click();
  await choose(page, dialog(page), t('devices:line.link'), link);
  await choose(page, dialog(page), t('devices:line.protocol'), protocol);
  await save(page, t('save'));
  const lines = page.getByTestId('lines');
  await lines.getByText(link).waitFor();
  ok(await lines.getByText(protocol).isVisible(), 'the line stands on the page of the device');
  ok(await page.getByText(t('devices:page.unread')).isVisible(), 'a device that was never read says so');
  await stand.ask('POST', '/collection', { devices: [id] });
  await page.getByText('SVOD-3').waitFor();
  ok(true, 'the meter was read: it says its type, without a reload of the page');
  same((await stand.ask('GET', `/devices/${id}`)).contact, 'good', 'the device is in contact');
}

/** S3 3.4, steps 3–5. */
async function lookAtDevice(stand, page, t, id, name) {
  await stand.go(page, `/devices/${id}?tab=events`);
  await page.locator('[data-testid="table-device-events"] tbody tr.ant-table-row').first().waitFor();
  await stand.whole(page, `device-events-${name}`);
  await page.getByRole('tab', { name: t('devices:tab.states') }).click();
  await page.locator('[data-testid="table-device-states"] tbody tr.ant-table-row').first().waitFor();
  ok(page.url().includes('tab=states'), 'the tab is in the address');
  await stand.whole(page, `device-states-${name}`);
}

/** Lines: a second one, made first, turned off, deleted. */
async function editLines(stand, page, t, id, protocol) {
  await button(page, t('devices:line.add')).click();
  await choose(page, dialog(page), t('devices:line.link'), 'tcp://127.0.0.1:9');
  await button(dialog(page), t('save')).click();
  await dialog(page).locator('.ant-form-item-explain-error').first().waitFor();
  ok(await dialog(page).locator('#parameters_password').isVisible(), 'without a profile the driver misses a password: its field is opened');
  page.complaints.length = 0;
  await choose(page, dialog(page), t('devices:line.protocol'), protocol);
  await save(page, t('save'));
  const rows = page.getByTestId('lines').locator('tbody tr.ant-table-row');
  await until('two lines', async () => (await rows.count()) === 2);
  await page.getByRole('button', { name: t('devices:line.up') }).nth(1).click();
  await until('the new line is first', async () => /127\.0\.0\.1:9/.test(await rows.first().textContent()));
  await rows.first().getByRole('switch').click();
  await until('the line is off', async () => (await stand.ask('GET', `/devices/${id}`)).lines[0].enabled === false);
  await rows.first().getByRole('button', { name: t('delete') }).click();
  await button(dialog(page), t('delete')).click();
  await until('one line is left', async () => (await rows.count()) === 1);
  ok(true, 'lines are added, put in order, turned off and deleted');
}

/** Two people at one device: the second sees what the first has done, and decides. */
async function twoEditors(stand, page, t, id) {
  await button(page, t('edit')).first().click();
  await field(dialog(page), t('devices:note')).fill('моя заметка');
  const now = await stand.ask('GET', `/devices/${id}`);
  await stand.ask('PATCH', `/devices/${id}`, { revision: now.revision, note: 'чужая заметка', title: 'ул. Чужая, 2' });
  await button(dialog(page), t('save')).click();
  const question = page.getByTestId('changed');
  await question.waitFor();
  ok(/чужая заметка/.test(await question.textContent()) && /моя заметка/.test(await question.textContent()), 'both versions are shown');
  await stand.shot(page, 'device-changed');
  await button(question, t('changed.mineButton')).click();
  await page.locator('.ant-modal-wrap:visible').waitFor({ state: 'detached' }).catch(() => {});
  const after = await until('mine is written', async () => { const d = await stand.ask('GET', `/devices/${id}`); return d.note === 'моя заметка' && d; });
  same(after.title, 'ул. Чужая, 2', 'and what only the other has changed stays');
  page.complaints.length = 0;
}

/** Several at once by commas; deleting says how many. */
async function manyAndDelete(stand, page, t) {
  await stand.go(page, '/devices');
  await button(page, t('add')).click();
  const form = dialog(page);
  await form.getByText(t('devices:form.many'), { exact: true }).click();
  await field(form, t('devices:form.serials')).fill('901, 902\n903');
  await form.getByText(t('devices:form.serialsCount', { count: 3 })).waitFor();
  await choose(page, form, t('devices:type'), 'Меркурий 230');
  await save(page, t('add'));
  await stand.go(page, '/devices?q=90');
  const rows = page.locator('[data-testid="table-devices"] tbody tr.ant-table-row');
  await until('three devices', async () => (await rows.count()) === 3);
  await page.getByRole('checkbox').first().check();
  await rows.first().click({ button: 'right' });
  await menuItem(page, t('delete')).click();
  await stand.shot(page, 'devices-delete');
  await button(dialog(page), t('devices:delete.ok', { count: 3 })).click();
  await until('they are gone', async () => (await rows.count()) === 0);
  ok(true, 'three devices are added at once and deleted at once');
}

/** Words typed into a dialog are not lost by closing it. */
async function nothingLost(stand, page, t) {
  await stand.go(page, '/devices');
  await button(page, t('add')).click();
  await field(dialog(page), t('devices:serial')).fill('777');
  await page.reload();
  await stand.settle(page);
  await button(page, t('add')).click();
  await until('the draft is back', async () => (await field(dialog(page), t('devices:serial')).inputValue()) === '777');
  await button(dialog(page), t('cancel')).click();
  ok(await page.getByText(t('unsaved.title')).first().isVisible(), 'closing asks');
  await button(page, t('unsaved.leave')).click();
}

await test(async (stand) => {
  await stand.collect();
  for (const [language, theme, width] of [['ru', 'light', 1280], ['en', 'dark', 1280]]) {
    const t = wordsOf(language), name = `${language}-${theme}`;
    const former = (await stand.ask('POST', '/devices/find', { serials: [serial] })).items.map((device) => device.id);
    await stand.ask('POST', '/devices/delete', { ids: former, readings: true });
    const page = await stand.open(undefined, { language, theme, width });
    const id = await addDevice(stand, page, t);
    await stand.whole(page, `device-new-${name}`);
    await addLink(stand, page, t, `10.5.110.10 ${language}`);
    await addProtocol(stand, page, t, `dlms_6867_${language}`);
    await addLine(stand, page, t, id, `10.5.110.10 ${language}`, `dlms_6867_${language}`);
    await lookAtDevice(stand, page, t, id, name);
    await editLines(stand, page, t, id, `dlms_6867_${language}`);
    await twoEditors(stand, page, t, id);
    await manyAndDelete(stand, page, t);
    await nothingLost(stand, page, t);
    await page.context().close();
  }
}, { meters: 4, quiet: 1, days: 30, collect: false });
