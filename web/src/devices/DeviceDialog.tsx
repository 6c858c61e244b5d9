// Adding one device or many, and changing one (S3 2.2.5, 3.2).
import { App, Collapse, Flex, Form, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { FormDialog } from '../parts/forms';
import { useCarefulSave } from '../parts/changed';
import { DeviceFields, usualDepths } from './DeviceFields';
import { RemoteSelect } from './RemoteSelect';
import { useRegistryChanged, type Link, type OpenDevice, type Protocol } from './registry';

/** What serial numbers are divided by: commas, semicolons, lines and cells of a spreadsheet. A number may hold blanks (S3 3.2). */
export const serialsOf = (text: string | undefined) => [...new Set((text ?? '').split(/[\r\n\t,;]/).map((serial) => serial.trim()).filter(Boolean))];

type NewDevice = Record<string, unknown> & { serial: string; link?: number; protocol?: number; address?: string };

function FirstLine() {
  const { t } = useTranslation('devices');
  const driver = Form.useWatch<string | undefined>('driver');
  return (
    <Collapse ghost size="small" style={{ marginBottom: 8, marginInline: -12 }} items={[{
      key: 'line', label: t('form.firstLine'), forceRender: true,
      children: (
        <Flex wrap gap="0 12px">
          <Form.Item name="link" label={t('line.link')} style={{ flex: '1 1 200px', minWidth: 0 }}>
            <RemoteSelect<Link> path="/links" detail={(link) => link.uri} allowClear />
          </Form.Item>
          <Form.Item name="protocol" label={t('line.protocol')} style={{ flex: '1 1 200px', minWidth: 0 }}>
            <RemoteSelect<Protocol> path="/protocols" query={{ driver }} allowClear placeholder={t('line.presets')} />
          </Form.Item>
          <Form.Item name="address" label={t('line.address')} tooltip={t('line.addressHint')} style={{ width: 140 }}><Input maxLength={64} /></Form.Item>
        </Flex>
      ),
    }]} />
  );
}

const SerialsCount = () => {
  const { t } = useTranslation('devices');
  const serials = serialsOf(Form.useWatch<string | undefined>('serial'));
  return <span>{t('form.serialsCount', { count: serials.length })}</span>;
};

export function AddDeviceDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('devices');
  const { message } = App.useApp();
  const navigate = useNavigate();
  const may = useMay();
  const changed = useRegistryChanged();
  const [many, setMany] = useState(false);
  const [form] = Form.useForm<NewDevice>();
  const save = async ({ link, protocol, address, ...values }: NewDevice) => {
    const serials = serialsOf(values.serial);
    const line = link || protocol || address ? { lines: [{ link: link ?? 0, protocol: protocol ?? 0, address: address || undefined }] } : {};
    const fields = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
    const { ids } = await api.post<Answer<'/api/v1/devices', 'post'>>('/devices', { ...fields, ...line, serial: many ? serials.join(', ') : values.serial.trim() });
    await changed();
    void message.success(t('form.added', { count: ids.length }));
    if (ids.length === 1) navigate(`/devices/${ids[0]}`);
  };
  return (
    <FormDialog<NewDevice> open={open} onClose={onClose} title={t('form.add')} width={640} form={form} draft="device.new" saveText={t('app:add')} save={save}
      initialValues={{ enabled: true, status: 'in-use', depths: usualDepths, zone_minutes: -new Date().getTimezoneOffset() }}>
      <Segmented style={{ marginBottom: 12 }} value={many} onChange={setMany} aria-label={t('form.mode')}
        options={[{ value: false, label: t('form.one') }, { value: true, label: t('form.many') }]} />
      <Form.Item name="serial" label={many ? t('form.serials') : t('serial')} extra={many ? <SerialsCount /> : undefined}
        rules={[{ required: true, whitespace: true, message: t('app:required') }, ...(many ? [] : [{ max: 100 }, { pattern: /^[^,]*$/, message: t('form.oneSerial') }])]}>
        {many ? <Input.TextArea autoSize={{ minRows: 3, maxRows: 10 }} placeholder={t('form.serialsHint')} className="mono" /> : <Input autoFocus maxLength={100} />}
      </Form.Item>
      <DeviceFields many={many} />
      {may('Write.DeviceCommline') && may('Read.ChannelSettings') && <FirstLine />}
    </FormDialog>
  );
}

/** Name of a field of a device for a person. */
export function useDeviceLabel(): (field: string) => string {
  const { t } = useTranslation('devices');
  const names: Record<string, string> = { driver: 'type', title: 'name', zone_minutes: 'zone' };
  return (field) => (field.startsWith('depths.') ? t(`archive.${field.slice(7)}`) : t(names[field] ?? field));
}

export function EditDeviceDialog({ device, onClose }: { device: OpenDevice; onClose: () => void }) {
  const { t } = useTranslation('devices');
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const [seen, setSeen] = useState(device);
  const careful = useCarefulSave();
  const label = useDeviceLabel();
  const changed = useRegistryChanged();
  const save = async (mine: Record<string, unknown>) => {
    await careful({
      seen, mine: { ...mine, group: mine.group ?? '', depths: { ...seen.depths, ...(mine.depths as object) } }, form, onTaken: setSeen, label,
      patch: (fields) => api.patch(`/devices/${device.id}`, fields), fresh: () => api.get<OpenDevice>(`/devices/${device.id}`),
    });
    await changed();
    void message.success(t('app:saved'));
  };
  return (
    <FormDialog open onClose={onClose} title={t('form.edit', { serial: device.serial })} width={640} form={form} draft={`device.${device.id}`} save={save} initialValues={device}>
      <Form.Item name="serial" label={t('serial')} rules={[{ required: true, whitespace: true, message: t('app:required') }, { max: 100 }]}><Input /></Form.Item>
      <DeviceFields />
    </FormDialog>
  );
}
