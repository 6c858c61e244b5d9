// Protocol profiles: what drivers are told (S3 2.2.13, table 3).
import { DeleteOutlined, EditOutlined, PlusOutlined, UnorderedListOutlined } from '@ant-design/icons';
import { App, Button, Empty, Form, Input, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link as Anchor, useNavigate } from 'react-router';
import { api } from '../api/client';
import { useMay } from '../api/session';
import { FormDialog } from '../parts/forms';
import { useCarefulSave } from '../parts/changed';
import { PageFrame } from '../parts/page';
import { DataTable, type Selection } from '../parts/table/DataTable';
import type { Column } from '../parts/table/columns';
import type { MenuItems } from './actions';
import { DriverSelect } from './DeviceFields';
import { filledParameters, ParameterFields, ParameterInput } from './ParameterFields';
import { useDeleteMany, useEditMany } from './many';
import { useDrivers, useDriverTitle, useRegistryChanged, type Driver, type Protocol } from './registry';

type Words = { title: string; driver: string; parameters?: Record<string, string | undefined> };

function ProfileFields({ fixedDriver }: { fixedDriver?: boolean }) {
  const { t } = useTranslation('protocols');
  const name = Form.useWatch<string | undefined>('driver');
  const driver = useDrivers()?.find((one) => one.name === name);
  return (
    <>
      <div className="fields">
        <Form.Item name="title" label={t('field.title')} rules={[{ required: true, whitespace: true, message: t('app:required') }]}><Input maxLength={200} autoFocus /></Form.Item>
        <Form.Item name="driver" label={t('field.driver')} rules={[{ required: true, message: t('app:required') }]} extra={fixedDriver ? t('driverFixed') : undefined}><DriverSelect disabled={fixedDriver} /></Form.Item>
      </div>
      {driver && <ParameterFields key={driver.name} driver={driver} />}
    </>
  );
}

function ProtocolDialog({ protocol, onClose }: { protocol?: Protocol; onClose: () => void }) {
  const { t } = useTranslation('protocols');
  const { message } = App.useApp();
  const [form] = Form.useForm<Words>();
  const [seen, setSeen] = useState(protocol);
  const careful = useCarefulSave();
  const changed = useRegistryChanged();
  const drivers = useDrivers();
  const label = (field: string) => (field.startsWith('parameters.')
    ? drivers?.find((one) => one.name === seen?.driver)?.parameters.find((parameter) => parameter.name === field.slice(11))?.title ?? field : t(`field.${field}`));
  const save = async () => {
    const { title, driver, parameters } = form.getFieldsValue(true) as Words;
    const known = new Set(drivers?.find((one) => one.name === driver)?.parameters.map((parameter) => parameter.name));
    const mine = { title, driver, parameters: Object.fromEntries(Object.entries(filledParameters(parameters)).filter(([name]) => known.has(name))) };
    if (seen) await careful({ seen, mine, form, onTaken: setSeen, label, patch: (fields) => api.patch(`/protocols/${seen.id}`, fields), fresh: () => api.get<Protocol>(`/protocols/${seen.id}`) });
    else await api.post('/protocols', mine);
    await changed();
    void message.success(t('app:saved'));
  };
  const secrets = drivers?.flatMap((driver) => driver.parameters.filter((parameter) => parameter.secret).map((parameter) => parameter.name)) ?? [];
  return (
    <FormDialog<Words> open onClose={onClose} title={t(protocol ? 'edit' : 'add')} width={760} form={form} save={save} initialValues={(protocol as Words | undefined) ?? { parameters: {} }} secrets={secrets}>
      {protocol && protocol.devices > 1 && <p style={{ marginTop: 0 }}>{t('usedBy', { count: protocol.devices })}</p>}
      <ProfileFields fixedDriver={!!protocol && protocol.devices > 0} />
    </FormDialog>
  );
}

/** The chosen parameters of many profiles of one driver. */
function ProtocolsDialog({ protocols, driver, onClose }: { protocols: Protocol[]; driver: Driver; onClose: () => void }) {
  const { t } = useTranslation('protocols');
  const editMany = useEditMany('protocols');
  const [chosen, setChosen] = useState<string[]>([]);
  const save = async ({ parameters }: { parameters?: Record<string, string | undefined> }) => {
    const set = { parameters: Object.fromEntries(chosen.map((name) => [name, parameters?.[name] ?? null])) };
    await editMany(protocols, set);
  };
  return (
    <FormDialog open onClose={onClose} title={t('editMany', { count: protocols.length })} width={520} save={save}>
      <Form.Item label={t('chooseFields')}>
        <Select mode="multiple" aria-label={t('chooseFields')} value={chosen} onChange={setChosen} placeholder={t('chooseFieldsHint')} showSearch={{ optionFilterProp: 'label' }}
          options={driver.parameters.map((parameter) => ({ value: parameter.name, label: parameter.title }))} />
      </Form.Item>
      {driver.parameters.filter((parameter) => chosen.includes(parameter.name)).map((parameter) => (
        <Form.Item key={parameter.name} name={['parameters', parameter.name]} label={parameter.title} tooltip={parameter.help} extra={t('emptyIsPreset')}><ParameterInput parameter={parameter} beneath={parameter.preset} /></Form.Item>
      ))}
    </FormDialog>
  );
}

/** «Клиент: 48 · Физический адрес: 6867», in the order of the driver. */
function useSettingsText() {
  const drivers = useDrivers();
  return useMemo(() => (protocol: Protocol) => (drivers?.find((one) => one.name === protocol.driver)?.parameters ?? [])
    .filter((parameter) => (protocol.parameters as Record<string, string>)[parameter.name] !== undefined)
    .map((parameter) => `${parameter.title}: ${(protocol.parameters as Record<string, string>)[parameter.name]}`).join(' · '), [drivers]);
}

export default function Protocols() {
  const { t } = useTranslation('protocols');
  const navigate = useNavigate();
  const may = useMay();
  const drivers = useDrivers();
  const driverTitle = useDriverTitle();
  const settings = useSettingsText();
  const [open, setOpen] = useState<{ protocol?: Protocol }>();
  const [many, setMany] = useState<Protocol[]>();
  const write = may('Write.ProtocolSettings');
  const devicesOf = (protocol: Protocol) => `/devices?f.protocol=${protocol.id}`;
  const oneDriver = (protocols: Protocol[]) => protocols.length > 1 && protocols.every((one) => one.driver === protocols[0].driver);
  const deleteMany = useDeleteMany('protocols');
  const menu = (protocols: Protocol[], selection: Selection<Protocol>): MenuItems => [
    ...(write && protocols.length === 1 ? [{ key: 'edit', icon: <EditOutlined />, label: t('app:edit'), onClick: () => setOpen({ protocol: protocols[0] }) }] : []),
    ...(write && protocols.length > 1 ? [{ key: 'many', icon: <EditOutlined />, disabled: !oneDriver(protocols), label: oneDriver(protocols) ? t('editMany', { count: protocols.length }) : t('editManyOneDriver'), onClick: () => setMany(protocols) }] : []),
    ...(protocols.length === 1 ? [{ key: 'devices', icon: <UnorderedListOutlined />, label: t('showDevices'), onClick: () => void navigate(devicesOf(protocols[0])) }] : []),
    ...(may('Delete.ProtocolSettings') ? [{ key: 'delete', danger: true, icon: <DeleteOutlined />, label: t('app:delete'), onClick: () => deleteMany(protocols, selection.clear) }] : []),
  ];
  const columns: Column<Protocol>[] = [
    { key: 'title', title: t('field.title'), sortable: true, render: (one) => (write ? <Button type="link" size="small" style={{ padding: 0, height: 'auto' }} onClick={() => setOpen({ protocol: one })}>{one.title}</Button> : one.title) },
    { key: 'driver', title: t('field.driver'), sortable: true, text: (one) => driverTitle(one.driver), filter: drivers?.map((driver) => ({ value: driver.name, label: driver.title })) },
    { key: 'parameters', title: t('settings'), render: (one) => <span style={{ whiteSpace: 'normal', display: 'inline-block', maxWidth: 560 }}>{settings(one) || t('allPresets')}</span> },
    { key: 'devices', title: t('devices'), number: true, render: (one) => (one.devices ? <Anchor to={devicesOf(one)}>{one.devices}</Anchor> : '0') },
  ];
  return (
    <PageFrame title={t('title')}>
      <DataTable<Protocol> name="protocols" path="/protocols" columns={columns} selectable menu={menu} onOpen={(protocol) => write && setOpen({ protocol })}
        actions={(selection) => (
          <>
            {write && <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen({})}>{t('app:add')}</Button>}
            {write && oneDriver(selection.rows) && <Button icon={<EditOutlined />} onClick={() => setMany(selection.rows)}>{t('editMany', { count: selection.rows.length })}</Button>}
          </>
        )}
        empty={<Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('empty')} />} />
      {open && <ProtocolDialog key={open.protocol?.id ?? 0} protocol={open.protocol} onClose={() => setOpen(undefined)} />}
      {many && drivers && <ProtocolsDialog protocols={many} driver={drivers.find((one) => one.name === many[0].driver)!} onClose={() => setMany(undefined)} />}
    </PageFrame>
  );
}
