// Search of a channel for meters; what is found goes into the table by a click.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Empty, Flex, Form, InputNumber, Modal, Progress, Select, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError, type Answer } from '../api/client';
import { useAct } from '../parts/acts';
import { putFieldErrors } from '../parts/forms';
import { useDrivers } from '../devices/registry';
import type { DraftRow, Interface } from './draft';
import { speeds } from './TableGrid';

type Scan = Answer<'/api/v1/scans/{id}'>;
type Found = Scan['found'][number];

interface Words {
  link: number;
  driver?: string;
  speeds: number[];
  from?: number;
  to?: number;
  everything: boolean;
}

interface Props {
  interfaces: Interface[];
  rows: DraftRow[];
  onAdd: (found: Partial<DraftRow>[]) => void;
  onClose: () => void;
}

const rowOf = (found: Found, link: number): Partial<DraftRow> => ({
  driver: found.driver, address: found.address, serial: found.serial, comment: '', interface: link,
  ...(found.usual ? {} : { baud: found.baud, bits: found.bits, parity: found.parity as DraftRow['parity'], stop: found.stop }),
});

function Progressing({ scan }: { scan: Scan }) {
  const { t } = useTranslation('table');
  const now = scan.running ? t('scan.now', { driver: scan.driver_title, baud: scan.baud }) : scan.fault === 'none' ? t('scan.done', { count: scan.meters }) : scan.fault === 'cancelled' ? t('scan.stopped', { count: scan.meters }) : scan.fault_text;
  return (
    <div aria-live="polite" data-testid="scan-state">
      <Progress percent={scan.progress} status={scan.running ? 'active' : scan.fault === 'none' ? 'success' : 'normal'} aria-label={t('scan.title')} />
      {!scan.running && scan.fault !== 'none' && scan.fault !== 'cancelled' ? <Alert type="error" showIcon title={scan.fault_text} /> : <span className="quiet">{now}</span>}
    </div>
  );
}

function FoundTable({ scan, rows, chosen, onChoose }: { scan: Scan; rows: DraftRow[]; chosen: string[]; onChoose: (keys: string[]) => void }) {
  const { t } = useTranslation('table');
  const there = (found: Found) => rows.some((row) => row.driver === found.driver && row.address === found.address && row.interface === scan.link);
  return (
    <Table<Found> size="small" pagination={false} dataSource={scan.found} rowKey="parameters" scroll={{ x: 'max-content', y: 280 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('scan.nothing')} /> }}
      rowSelection={{ selectedRowKeys: chosen, onChange: (keys) => onChoose(keys as string[]), getCheckboxProps: (found) => ({ disabled: there(found), 'aria-label': found.address }), getTitleCheckboxProps: () => ({ 'aria-label': t('chooseAll') }) }}
      columns={[
        { title: t('column.driver'), dataIndex: 'driver_title' },
        { title: t('column.address'), dataIndex: 'address' },
        { title: t('column.serial'), dataIndex: 'serial', render: (serial: string) => serial || '—' },
        { title: t('scan.type'), dataIndex: 'type' },
        { title: t('column.baud'), render: (_, found) => `${found.baud} ${found.bits}${found.parity}${found.stop}` },
        { title: t('column.status'), render: (_, found) => (there(found) ? t('scan.there') : t('scan.fresh')) },
      ]} />
  );
}

export function ScanDialog({ interfaces, rows, onAdd, onClose }: Props) {
  const { t } = useTranslation('table');
  const act = useAct();
  const client = useQueryClient();
  const drivers = useDrivers();
  const [form] = Form.useForm<Words>();
  const [id, setId] = useState<number>();
  const [chosen, setChosen] = useState<string[]>([]);
  const { data: scan } = useQuery({ queryKey: ['/scans', id], enabled: id !== undefined, queryFn: () => api.get<Scan>(`/scans/${id}`), refetchInterval: ({ state }) => (state.data?.running === false ? false : 700) });
  const begin = async (words: Words) => {
    try {
      const begun = await api.post<Scan>('/scans', { ...words, from: words.from ?? 0, to: words.to ?? 0 });
      setChosen([]);
      setId(begun.id);
    } catch (e) {
      if (!(e instanceof ApiError) || !putFieldErrors(form, e)) await act(() => Promise.reject(e as Error));
    }
  };
  const stop = () => act(async () => {
    await api.delete(`/scans/${id}`);
    await client.invalidateQueries({ queryKey: ['/scans', id] });
  });
  const add = () => {
    onAdd(scan!.found.filter((found) => chosen.includes(found.parameters)).map((found) => rowOf(found, scan!.link)));
    onClose();
  };
  return (
    <Modal open title={t('scan.title')} onCancel={onClose} footer={null} width={860} mask={{ closable: false }}>
      <Flex vertical gap={12}>
        <Form<Words> form={form} layout="vertical" onFinish={(words) => void begin(words)} initialValues={{ link: interfaces[0]?.id, speeds: [], everything: false }}>
          <div className="fields">
            <Form.Item name="link" label={t('column.interface')} rules={[{ required: true, message: t('app:required') }]}><Select options={interfaces.map((link) => ({ value: link.id, label: link.title }))} /></Form.Item>
            <Form.Item name="driver" label={t('scan.driver')}><Select allowClear placeholder={t('scan.allDrivers')} options={drivers?.filter((d) => d.searchable).map((d) => ({ value: d.name, label: d.title }))} /></Form.Item>
            <Form.Item name="speeds" label={t('scan.speeds')}><Select mode="multiple" allowClear placeholder={t('automatic')} options={speeds.map((speed) => ({ value: speed, label: String(speed) }))} /></Form.Item>
            <Form.Item name="from" label={t('scan.from')}><InputNumber min={0} max={65535} precision={0} placeholder={t('automatic')} style={{ width: '100%' }} /></Form.Item>
            <Form.Item name="to" label={t('scan.to')}><InputNumber min={0} max={65535} precision={0} placeholder={t('automatic')} style={{ width: '100%' }} /></Form.Item>
          </div>
          <Form.Item name="everything" valuePropName="checked" style={{ marginBottom: 8 }}><Checkbox>{t('scan.everything')}</Checkbox></Form.Item>
          <Flex gap={8} wrap>
            <Button type="primary" htmlType="submit" disabled={scan?.running}>{t('scan.begin')}</Button>
            {scan?.running && <Button danger onClick={() => void stop()}>{t('stop')}</Button>}
          </Flex>
        </Form>
        {scan && <Progressing scan={scan} />}
        {scan && <FoundTable scan={scan} rows={rows} chosen={chosen} onChoose={setChosen} />}
        <Flex gap={8}>
          <Button type="primary" disabled={!chosen.length} onClick={add}>{t('scan.add', { count: chosen.length })}</Button>
          <Button onClick={onClose}>{t('app:close')}</Button>
        </Flex>
      </Flex>
    </Modal>
  );
}
