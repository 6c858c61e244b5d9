// A run of rows of one type, addresses counting up (S0 4.3.1 «+ Группа строк»).
import { Button, Flex, Form, Input, InputNumber, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useDrivers } from '../devices/registry';
import { newRow, type DraftRow, type Interface } from './draft';
import { isHub, speeds, useTypes } from './TableGrid';

interface Words {
  type: string;
  count: number;
  first: number;
  step: number;
  password?: string;
  password2?: string;
  interface?: number;
  parent?: number;
  baud: number;
}

interface Props {
  interfaces: Interface[];
  hubs: DraftRow[];
  next: number;
  onAdd: (rows: DraftRow[]) => void;
  onClose: () => void;
}

function rowsOf(words: Words, next: number): DraftRow[] {
  const [driver, model] = words.type.split('|');
  return Array.from({ length: words.count }, (_, i) => newRow(next + i, {
    driver, model, address: String(words.first + i * words.step), password: words.password ?? '', password2: words.password2 ?? '',
    interface: words.parent ? 0 : words.interface ?? 0, parent: words.parent ?? 0, baud: words.baud,
  }));
}

export function RunDialog({ interfaces, hubs, next, onAdd, onClose }: Props) {
  const { t } = useTranslation('table');
  const [form] = Form.useForm<Words>();
  const drivers = useDrivers();
  const types = useTypes(drivers).filter((group) => !isHub({ driver: group.options[0].value.split('|')[0] }));
  const [family] = (Form.useWatch('type', form) ?? '').split('|');
  const driver = drivers?.find((d) => d.name === family);
  const parent = Form.useWatch('parent', form);
  const has = (name: string) => driver?.parameters.some((p) => p.name === name);
  const required = [{ required: true, message: t('app:required') }];
  const add = (words: Words) => {
    onAdd(rowsOf(words, next));
    onClose();
  };
  return (
    <Modal open title={t('run.title')} onCancel={onClose} footer={null} width={560} mask={{ closable: false }}>
      <Form<Words> form={form} layout="vertical" onFinish={add} initialValues={{ count: 10, first: 1, step: 1, baud: 0 }}>
        <Form.Item name="type" label={t('column.driver')} rules={required}>
          <Select showSearch={{ optionFilterProp: 'label' }} options={types.map((group) => ({ label: group.title, title: group.title, options: group.options }))} />
        </Form.Item>
        <div className="fields">
          <Form.Item name="count" label={t('run.count')} rules={required}><InputNumber min={1} max={1000} precision={0} style={{ width: '100%' }} /></Form.Item>
          <Form.Item name="first" label={t('run.first')} rules={required}><InputNumber min={0} max={99999999} precision={0} style={{ width: '100%' }} /></Form.Item>
          <Form.Item name="step" label={t('run.step')} rules={required}><InputNumber min={1} max={1000} precision={0} style={{ width: '100%' }} /></Form.Item>
          <Form.Item name="baud" label={t('column.baud')}><Select options={[{ value: 0, label: t('automatic') }, ...speeds.map((speed) => ({ value: speed, label: String(speed) }))]} /></Form.Item>
          {has('password') && <Form.Item name="password" label={t('column.password')}><Input autoComplete="off" maxLength={200} /></Form.Item>}
          {has('password2') && <Form.Item name="password2" label={t('column.password2')}><Input autoComplete="off" maxLength={200} /></Form.Item>}
          {hubs.length > 0 && <Form.Item name="parent" label={t('column.parent')}><Select allowClear options={hubs.map((hub) => ({ value: hub.id, label: `${hub.id}: ${hub.address}` }))} /></Form.Item>}
          {!parent && <Form.Item name="interface" label={t('column.interface')} rules={required}><Select options={interfaces.filter((link) => !link.hub).map((link) => ({ value: link.id, label: link.title }))} /></Form.Item>}
        </div>
        <Flex gap={8}><Button type="primary" htmlType="submit">{t('app:add')}</Button><Button onClick={onClose}>{t('app:cancel')}</Button></Flex>
      </Form>
    </Modal>
  );
}
