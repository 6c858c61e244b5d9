// What the widget of statistics shows: group, archive, registers, depth (S3 2.2.4).
import { Form, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../parts/forms';
import { useRegisterOptions } from '../parts/registers';
import { useGroups } from './groups';
import type { Settings } from './StatisticsWidget';

export default function StatisticsSettings({ open, settings, onClose, keep }: { open: boolean; settings: Settings; onClose: () => void; keep: (settings: Settings) => void }) {
  const { t } = useTranslation('seeing');
  const [form] = Form.useForm<Settings>();
  const groups = useGroups(open);
  const depth = Form.useWatch('depth', form) ?? settings.depth, archive = Form.useWatch('archive', form) ?? settings.archive;
  const offered = useRegisterOptions(archive);
  return (
    <FormDialog<Settings> open={open} title={t('widget.settings')} onClose={onClose} form={form} initialValues={settings} width={440} save={async (values) => keep({ ...settings, ...values, group: values.group || undefined, registers: values.registers ?? [] })}
      onValuesChange={(changed: Partial<Settings>) => { if (changed.archive) form.setFieldsValue({ registers: [] }); }}>
      <Form.Item name="group" label={t('widget.group')}>
        <Select allowClear placeholder={t('widget.allGroups')} showSearch={{ optionFilterProp: 'label' }} options={groups.map((title) => ({ value: title, label: title }))} />
      </Form.Item>
      <Form.Item name="archive" label={t('widget.archive')}><Select options={(['day', 'month', 'profile', 'hour'] as const).map((value) => ({ value, label: t(`archive.${value}`) }))} /></Form.Item>
      <Form.Item name="registers" label={t('widget.registers')}><Select mode="multiple" allowClear placeholder={t('widget.intervals')} showSearch={{ optionFilterProp: 'search' }} options={offered} /></Form.Item>
      <Form.Item name="depth" label={t('widget.depth')}><Select options={(['day', 'week', 'month', 'own'] as const).map((value) => ({ value, label: t(`widget.${value}`) }))} /></Form.Item>
      {depth === 'own' && (
        <Form.Item name="own" label={t(archive === 'month' ? 'widget.months' : 'widget.days')} rules={[{ required: true, message: t('app:required') }]}><InputNumber min={1} max={archive === 'month' ? 12 : 31} precision={0} /></Form.Item>
      )}
    </FormDialog>
  );
}
