// The fields of a channel, by its kind (S3 2.2.12, 3.2 step 3).
import { Checkbox, Flex, Form, Input, InputNumber, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';

export const linkKinds = ['tcp', 'udp', 'serial', 'gateway'] as const;
export type LinkKind = (typeof linkKinds)[number];

/** Fields that several channels may be given at once, by kind. */
export const linkFieldsOf: Record<LinkKind, string[]> = {
  tcp: ['host', 'port', 'soft7', 'echo', 'exclusive', 'connect_ms', 'answer_ms'],
  udp: ['host', 'port', 'echo', 'exclusive', 'connect_ms', 'answer_ms'],
  serial: ['device', 'baud', 'format', 'rs485', 'soft7', 'echo', 'exclusive', 'answer_ms'],
  gateway: ['host', 'soft7', 'echo', 'exclusive', 'connect_ms', 'answer_ms'],
};
const bauds = [0, 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200];
const formats = ['', '8N1', '8E1', '8O1', '8N2', '7E1', '7O1', '7N2'];
export const linkFlags = ['exclusive', 'soft7', 'echo', 'rs485'];

/** The input of one field, for forms and for the wizard. */
export function LinkInput({ field, value, onChange, id }: { field: string; value?: unknown; onChange?: (value: unknown) => void; id?: string }) {
  const { t } = useTranslation('links');
  if (field === 'port') return <InputNumber id={id} value={(value as number) || null} onChange={onChange} min={1} max={65535} precision={0} style={{ width: '100%' }} />;
  if (field === 'connect_ms' || field === 'answer_ms')
    return <InputNumber id={id} value={(value as number) || null} onChange={(next) => onChange?.(next ?? 0)} min={0} max={600000} step={1000} precision={0} suffix={t('ms')} placeholder={t('usual')} style={{ width: '100%' }} />;
  if (field === 'baud') return <Select id={id} value={value ?? 0} onChange={onChange} options={bauds.map((baud) => ({ value: baud, label: baud || t('byDriver') }))} />;
  if (field === 'format') return <Select id={id} value={value ?? ''} onChange={onChange} options={formats.map((format) => ({ value: format, label: format || t('byDriver') }))} />;
  if (linkFlags.includes(field)) return <Checkbox id={id} checked={!!value} onChange={(e) => onChange?.(e.target.checked)}>{t(`field.${field}`)}</Checkbox>;
  return <Input id={id} value={value as string} onChange={(e) => onChange?.(e.target.value)} maxLength={250} placeholder={field === 'device' ? '/dev/ttyS1' : field === 'host' ? '10.5.110.10' : undefined} />;
}

/** One field in its place; flags carry their own words. */
export function LinkItem({ field, required, width }: { field: string; required?: boolean; width?: string }) {
  const { t } = useTranslation('links');
  const flag = linkFlags.includes(field);
  const hinted = ['exclusive', 'soft7', 'echo', 'rs485', 'answer_ms', 'connect_ms'].includes(field);
  return (
    <Form.Item name={field} label={flag ? undefined : t(`field.${field}`)} tooltip={!flag && hinted ? t(`hint.${field}`) : undefined} extra={flag && hinted ? t(`hint.${field}`) : undefined}
      rules={required ? [{ required: true, message: t('app:required') }] : undefined} style={{ flex: width ?? '1 1 160px', minWidth: 0 }}>
      <LinkInput field={field} />
    </Form.Item>
  );
}

export function LinkFields({ fixedKind }: { fixedKind?: boolean }) {
  const { t } = useTranslation('links');
  const kind = Form.useWatch<LinkKind | undefined>('kind') ?? 'tcp';
  return (
    <>
      <Form.Item name="title" label={t('field.title')} extra={t('hint.title')}><Input maxLength={200} autoFocus /></Form.Item>
      <Form.Item name="kind" label={t('field.kind')}>
        <Segmented disabled={fixedKind} options={linkKinds.map((value) => ({ value, label: t(`kind.${value}`) }))} />
      </Form.Item>
      <Flex wrap gap="0 12px">
        {kind === 'serial'
          ? <><LinkItem key="device" field="device" required width="2 1 200px" /><LinkItem key="baud" field="baud" width="1 1 110px" /><LinkItem key="format" field="format" width="1 1 110px" /></>
          : kind === 'gateway' ? <Form.Item name="host" label={t('field.gateway')} extra={t('hint.gateway')} rules={[{ required: true, message: t('app:required') }]} style={{ flex: '1 1 200px' }}><Input maxLength={20} placeholder="1/1" /></Form.Item>
          : <><LinkItem key="host" field="host" required width="2 1 220px" /><LinkItem key="port" field="port" required width="1 1 110px" /></>}
      </Flex>
      <div className="fields">
        {linkFieldsOf[kind].filter((field) => linkFlags.includes(field)).map((field) => <LinkItem key={field} field={field} />)}
      </div>
      <Flex wrap gap="0 12px">
        {kind !== 'serial' && <LinkItem key="connect_ms" field="connect_ms" />}
        <LinkItem key="answer_ms" field="answer_ms" />
      </Flex>
    </>
  );
}
