// The fields of a device, the same where it is added and where it is changed.
import { AutoComplete, Checkbox, Collapse, Flex, Form, Input, InputNumber, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { archives, presence, statuses, useDrivers, useGroups } from './registry';

/** A family and the models it is known to read: the name on the meter's face finds the family. */
export function DriverSelect(props: { value?: string; onChange?: (value: string) => void; disabled?: boolean; id?: string }) {
  const drivers = useDrivers();
  const { t } = useTranslation('devices');
  return (
    <Select {...props} loading={!drivers} placeholder={t('form.driverHint')}
      options={drivers?.map((driver) => ({ value: driver.name, label: driver.title, models: driver.models.map((model) => `${model.name} ${model.maker}`).join(', ') }))}
      showSearch={{ filterOption: (words, option) => `${option?.label} ${option?.value} ${option?.models}`.toLowerCase().includes(words.toLowerCase()) }}
      optionRender={(option) => (
        <div>
          <div>{option.label}</div>
          <div style={{ fontSize: 12, color: 'var(--svod-color-text-secondary)', overflow: 'hidden', textOverflow: 'ellipsis' }}>{option.data.models}</div>
        </div>
      )} />
  );
}

function ModelInput(props: { value?: string; onChange?: (value: string) => void; id?: string }) {
  const drivers = useDrivers();
  const name = Form.useWatch<string | undefined>('driver');
  const models = drivers?.find((driver) => driver.name === name)?.models ?? [];
  const names = [...new Set(models.flatMap((model) => model.name.split(/,\s*/)))];
  return <AutoComplete {...props} options={names.map((value) => ({ value }))} maxLength={80} showSearch={{ filterOption: (words, option) => String(option?.value).toLowerCase().includes(words.toLowerCase()) }} />;
}

/** A group by its title; a title that is new makes a new group. */
export function GroupInput(props: { value?: string; onChange?: (value: string) => void; id?: string; 'aria-label'?: string; placeholder?: string }) {
  const groups = useGroups();
  const { t } = useTranslation('devices');
  const usual = groups?.find((group) => group.default)?.title;
  return (
    <AutoComplete {...props} allowClear maxLength={200} placeholder={props.placeholder ?? (usual ? t('form.groupUsual', { title: usual }) : undefined)}
      options={groups?.map((group) => ({ value: group.title, label: group.default ? t('form.groupDefault', { title: group.title }) : group.title }))}
      showSearch={{ filterOption: (words, option) => String(option?.value).toLowerCase().includes(words.toLowerCase()) }} />
  );
}

/** Minutes east of UTC. */
export function ZoneSelect(props: { value?: number; onChange?: (value: number) => void; id?: string }) {
  const zones = Array.from({ length: 27 }, (_, i) => (i - 12) * 60).concat([210, 270, 330, 345, 390, 570]).sort((a, b) => a - b);
  const label = (minutes: number) => `UTC${minutes < 0 ? '−' : '+'}${String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0')}:${String(Math.abs(minutes) % 60).padStart(2, '0')}`;
  return <Select {...props} showSearch={{ optionFilterProp: 'label' }} options={zones.map((value) => ({ value, label: label(value) }))} />;
}

function PresenceBox({ value, onChange, id, children }: { value?: number; onChange?: (value: number) => void; id?: string; children: string }) {
  return <Checkbox id={id} checked={!!value} onChange={(e) => onChange?.(e.target.checked ? 1 : 0)}>{children}</Checkbox>;
}

/** What is collected and how far back. */
export function DepthFields({ driver }: { driver?: string }) {
  const { t } = useTranslation('devices');
  const drivers = useDrivers();
  const has = drivers?.find((one) => one.name === driver)?.archives;
  const of = archives.filter((archive) => !has || (has as readonly string[]).includes(archive));
  return (
    <>
      <Flex wrap gap="0 20px">
        {of.filter((archive) => presence.includes(archive)).map((archive) => (
          <Form.Item key={archive} name={['depths', archive]} style={{ marginBottom: 8 }}><PresenceBox>{t(`archive.${archive}`)}</PresenceBox></Form.Item>
        ))}
      </Flex>
      <Flex wrap gap="0 12px">
        {of.filter((archive) => !presence.includes(archive)).map((archive) => (
          <Form.Item key={archive} name={['depths', archive]} label={t(`archive.${archive}`)} style={{ width: 150 }}>
            <InputNumber min={0} max={3660} precision={0} suffix={t('form.days')} style={{ width: '100%' }} />
          </Form.Item>
        ))}
      </Flex>
      <div style={{ color: 'var(--svod-color-text-secondary)', fontSize: 12 }}>{t('form.depthsHint')}</div>
    </>
  );
}

export const usualDepths = { current: 1, network: 1, state: 1, day: 60, month: 400, profile: 60, hour: 0, journal: 60 };

export function DeviceFields({ many }: { many?: boolean }) {
  const { t } = useTranslation('devices');
  const driver = Form.useWatch<string | undefined>('driver');
  return (
    <>
      <Flex wrap gap="0 12px">
        <Form.Item name="driver" label={t('type')} rules={[{ required: true, message: t('app:required') }]} style={{ flex: '2 1 240px', minWidth: 0 }}><DriverSelect /></Form.Item>
        <Form.Item name="model" label={t('model')} style={{ flex: '1 1 160px', minWidth: 0 }}><ModelInput /></Form.Item>
      </Flex>
      {!many && <Form.Item name="title" label={t('name')}><Input maxLength={200} placeholder={t('form.nameHint')} /></Form.Item>}
      <Flex wrap gap="0 12px">
        <Form.Item name="group" label={t('group')} style={{ flex: '2 1 200px', minWidth: 0 }}><GroupInput /></Form.Item>
        <Form.Item name="status" label={t('status')} style={{ flex: '1 1 140px' }}><Select options={statuses.map((value) => ({ value, label: t(`statusOf.${value}`) }))} /></Form.Item>
        <Form.Item name="enabled" label={t('enabled')} valuePropName="checked" tooltip={t('form.enabledHint')}><Switch /></Form.Item>
      </Flex>
      <Form.Item name="note" label={t('note')}><Input.TextArea maxLength={1000} autoSize={{ minRows: 1, maxRows: 5 }} /></Form.Item>
      <Collapse ghost size="small" style={{ marginBottom: 8, marginInline: -12 }} items={[{
        key: 'depths', label: t('form.collected'), forceRender: true,
        children: (
          <>
            <Form.Item name="zone_minutes" label={t('zone')} tooltip={t('form.zoneHint')} style={{ width: 160 }}><ZoneSelect /></Form.Item>
            <DepthFields driver={driver} />
          </>
        ),
      }]} />
    </>
  );
}
