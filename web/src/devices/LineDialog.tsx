// One communication line: over which channel and how the device is asked (S3 3.2, step 5).
import { Collapse, Flex, Form, Input, InputNumber, Switch } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { api, ApiError } from '../api/client';
import { FormDialog } from '../parts/forms';
import { filledParameters, ParameterFields } from './ParameterFields';
import { RemoteSelect } from './RemoteSelect';
import { useDrivers, useDriverTitle, type Line, type Link, type OpenDevice, type Protocol } from './registry';

export type LinePut = Partial<Omit<Line, 'link_title' | 'link_uri' | 'protocol_title'>>;

interface LineDialogProps {
  device: OpenDevice;
  /** Absent for a new one. */
  line?: Line;
  save: (line: LinePut) => Promise<unknown>;
  onClose: () => void;
}

function OwnParameters({ device, open, onOpen }: { device: OpenDevice; open: boolean; onOpen: (open: boolean) => void }) {
  const { t } = useTranslation('devices');
  const driver = useDrivers()?.find((one) => one.name === device.driver);
  const id = Form.useWatch<number | undefined>('protocol');
  const profile = useQuery({ queryKey: ['/protocols', 'one', id], enabled: !!id, queryFn: () => api.get<Protocol>(`/protocols/${id}`) });
  if (!driver) return null;
  return (
    <Collapse ghost size="small" activeKey={open ? ['own'] : []} onChange={(keys) => onOpen(keys.length > 0)} style={{ marginInline: -12 }} items={[{
      key: 'own', label: t('line.own'), forceRender: true,
      children: <ParameterFields driver={driver} withoutAddress beneath={id ? (profile.data?.parameters as Record<string, string> | undefined) : undefined} />,
    }]} />
  );
}

export function LineDialog({ device, line, save, onClose }: LineDialogProps) {
  const { t } = useTranslation('devices');
  const [form] = Form.useForm<LinePut>();
  const driverTitle = useDriverTitle();
  const [known] = useState(() => (line ? { link: [{ id: line.link, title: line.link_title }], protocol: [{ id: line.protocol, title: line.protocol_title }] } : { link: [], protocol: [] }));
  const [open, setOpen] = useState(Object.keys(line?.parameters ?? {}).length > 0);
  const send = async (values: LinePut) => {
    try {
      await save({
        ...values, place: line?.place, link: values.link ?? 0, protocol: values.protocol ?? 0, address: values.address ?? '',
        parameters: filledParameters(values.parameters as Record<string, string>),
      });
    } catch (e) {
      if (e instanceof ApiError && e.fields.some((f) => f.field.startsWith('parameters'))) setOpen(true); // a mistake must be seen
      throw e;
    }
  };
  const addressed = useDrivers()?.find((one) => one.name === device.driver)?.parameters.some((parameter) => parameter.address);
  return (
    <FormDialog<LinePut> open onClose={onClose} title={t(line ? 'line.edit' : 'line.new')} width={720} form={form} save={send}
      initialValues={line ?? { enabled: true, retries: 2, priority: device.lines.length, parameters: {} }}>
      <Flex wrap gap="0 12px">
        <Form.Item name="link" label={t('line.link')} rules={[{ required: true, message: t('app:required') }]} style={{ flex: '1 1 260px', minWidth: 0 }}>
          <RemoteSelect<Link> path="/links" known={known.link} detail={(link) => link.uri} />
        </Form.Item>
        <Form.Item name="protocol" label={t('line.protocol')} extra={t('line.driver') + ': ' + driverTitle(device.driver)} style={{ flex: '1 1 260px', minWidth: 0 }}>
          <RemoteSelect<Protocol> path="/protocols" query={{ driver: device.driver }} known={known.protocol} allowClear placeholder={t('line.presets')} />
        </Form.Item>
      </Flex>
      <Flex wrap gap="0 12px">
        {addressed && <Form.Item name="address" label={t('line.address')} tooltip={t('line.addressHint')} style={{ flex: '1 1 140px' }}><Input maxLength={64} allowClear /></Form.Item>}
        <Form.Item name="priority" label={t('line.priority')} style={{ flex: '1 1 100px' }}><InputNumber min={0} max={1000} precision={0} style={{ width: '100%' }} /></Form.Item>
        <Form.Item name="retries" label={t('line.retries')} tooltip={t('line.retriesHint')} style={{ flex: '1 1 140px' }}><InputNumber min={0} max={10} precision={0} style={{ width: '100%' }} /></Form.Item>
        <Form.Item name="enabled" label={t('line.enabled')} valuePropName="checked"><Switch /></Form.Item>
      </Flex>
      <OwnParameters device={device} open={open} onOpen={setOpen} />
    </FormDialog>
  );
}
