// The table of servers (S0 4.2.2.3, 4.2.2.4): written as a whole, no two of one type, no two on one port.
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Form, InputNumber, Select, Spin } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, type Answer } from '../api/client';
import { useMay } from '../api/session';
import { SaveForm } from '../parts/forms';
import { useBoxSave } from './data';
import { Skzi } from './Skzi';

type Table = Answer<'/api/v1/servers'>;
type Words = Pick<Table, 'items'>;

function Rows({ table, disabled }: { table: Table; disabled: boolean }) {
  const { t } = useTranslation('box');
  const rows = (Form.useWatch('items') as Words['items'] | undefined) ?? [];
  return (
    <Form.List name="items">
      {(fields, { add, remove }, { errors }) => (
        <div className="panel" style={{ maxWidth: 640 }}>
          {fields.length === 0 && <p className="quiet">{t('servers.empty')}</p>}
          {fields.map((field, i) => (
            <div key={field.key} className="server-row" data-testid="server">
              <Form.Item name={[field.name, 'type']} rules={[{ required: true, message: t('app:required') }]}>
                <Select aria-label={t('servers.type', { number: i + 1 })} placeholder={t('servers.choose')} options={table.types.filter((one) => one.type !== 'skzi').map((one) => ({
                  value: one.type, label: one.title, disabled: rows.some((row, k) => k !== i && row?.type === one.type) }))} />
              </Form.Item>
              <Form.Item name={[field.name, 'port']} rules={[{ required: true, message: t('app:required') }]}>
                <InputNumber aria-label={t('servers.port', { number: i + 1 })} min={1} max={65535} precision={0} style={{ width: '100%' }} placeholder={t('servers.portShort')} />
              </Form.Item>
              <Form.Item name={[field.name, 'tls']} valuePropName="checked"><Checkbox>TLS</Checkbox></Form.Item>
              <Button type="text" danger icon={<DeleteOutlined />} aria-label={t('servers.delete', { number: i + 1 })} disabled={disabled} onClick={() => remove(field.name)} />
            </div>
          ))}
          <Form.ErrorList errors={errors} />
          <Button icon={<PlusOutlined />} disabled={disabled || fields.length >= table.types.length - 1} onClick={() => add({ tls: false })}>{t('servers.add')}</Button>
        </div>
      )}
    </Form.List>
  );
}

export function Servers() {
  const { t } = useTranslation('box');
  const may = useMay();
  const save = useBoxSave();
  const { data: table, error } = useQuery({ queryKey: ['/servers'], queryFn: () => api.get<Table>('/servers') });
  if (!table) return error ? <Alert type="error" showIcon title={error.message} /> : <Spin />;
  const disabled = !may('Write.HesConfig');
  return (
    <div className="box-grid">
      <SaveForm<Words> key={table.revision} initialValues={{ items: table.items.filter((row) => row.type !== 'skzi') }} disabled={disabled}
        save={(words) => save('/servers', { revision: table.revision, items: [...words.items, ...table.items.filter((row) => row.type === 'skzi')].map(({ type, port, tls }) => ({ type, port, tls: !!tls })) })}>
        <Rows table={table} disabled={disabled} />
        <p className="quiet">{t('servers.hint')}</p>
      </SaveForm>
      <Skzi table={table} />
    </div>
  );
}
