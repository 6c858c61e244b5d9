// A list of devices from a file: a workbook (S3 2.2.34–2.2.35) or the JSON of S3 appendix 1. All of it is taken, or nothing.
import { DownloadOutlined, InboxOutlined } from '@ant-design/icons';
import { Alert, Button, Checkbox, Flex, Modal, Table, Upload } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '../api/client';
import { useAct } from '../parts/acts';
import { useRegistryChanged } from './registry';

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

interface Taken {
  devices: number;
  links: number;
  protocols: number;
  groups: number;
  updated: number;
}

interface Mistake {
  /** "D7" of a workbook, "Devices[3].Type" of JSON. */
  place: string;
  message: string;
}

interface Refused {
  message: string;
  count: number;
  first: Mistake[];
  report?: string;
}

function refusedOf(error: ApiError): Refused {
  const { mistakes, first, report } = error.beside as { mistakes?: number; first?: { where: string; message: string }[]; report?: string | number };
  const found = first ? first.map(({ where, message }) => ({ place: where, message })) : error.fields.map(({ field, message }) => ({ place: field, message }));
  return { message: error.message, count: mistakes ?? found.length, first: found, report: report === undefined ? undefined : String(report) };
}

function Mistakes({ refused }: { refused: Refused }) {
  const { t } = useTranslation('import');
  const act = useAct();
  return (
    <Flex vertical gap={8} data-testid="import-mistakes">
      <Alert type="error" showIcon title={refused.count ? t('mistakes', { count: refused.count }) : refused.message} description={refused.count ? t('nothingChanged') : undefined}
        action={refused.report && <Button icon={<DownloadOutlined />} onClick={() => void act(() => api.download(`/devices/import/${refused.report}/errors.xlsx`))}>{t('report')}</Button>} />
      {refused.first.length > 0 && (
        <Table<Mistake> size="small" pagination={false} dataSource={refused.first} rowKey={(mistake) => `${mistake.place} ${mistake.message}`} scroll={{ x: 'max-content', y: 240 }}
          columns={[
            { title: t('place'), dataIndex: 'place', render: (place: string) => <span className="mono">{place}</span> },
            { title: t('message'), dataIndex: 'message' },
          ]} />
      )}
      {refused.count > refused.first.length && <span style={{ color: 'var(--svod-color-text-secondary)' }}>{t('more', { count: refused.count - refused.first.length })}</span>}
    </Flex>
  );
}

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('import');
  const act = useAct();
  const changed = useRegistryChanged();
  const [file, setFile] = useState<File>();
  const [update, setUpdate] = useState(false);
  const [busy, setBusy] = useState(false);
  const [taken, setTaken] = useState<Taken>();
  const [refused, setRefused] = useState<Refused>();
  const run = async () => {
    if (!file) return;
    const json = /\.json$/i.test(file.name);
    setBusy(true);
    setRefused(undefined);
    try {
      const body = new Blob([file], { type: json ? 'application/json' : xlsx });
      const answer = await api.upload(json ? '/devices/import.json' : '/devices/import.xlsx', body, { update: update || undefined });
      setTaken(await answer.json() as Taken);
      await changed();
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      setRefused(refusedOf(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open title={t('title')} onCancel={busy ? undefined : onClose} closable={!busy} width={680} mask={{ closable: false }} footer={
      taken ? <Button type="primary" onClick={onClose}>{t('app:close')}</Button> : (
        <Flex gap={8}>
          <Button type="primary" disabled={!file} loading={busy} onClick={() => void run()}>{t('run')}</Button>
          <Button disabled={busy} onClick={onClose}>{t('app:cancel')}</Button>
        </Flex>
      )}>
      {taken ? (
        <Alert type="success" showIcon title={t('done')} data-testid="import-done"
          description={t('counts', { devices: taken.devices ?? 0, updated: taken.updated ?? 0, links: taken.links ?? 0, protocols: taken.protocols ?? 0, groups: taken.groups ?? 0 })} />
      ) : (
        <Flex vertical gap={12}>
          <Upload.Dragger accept=".xlsx,.json" maxCount={1} disabled={busy} fileList={file ? [{ uid: '1', name: file.name, status: 'done' }] : []}
            beforeUpload={(chosen) => {
              setFile(chosen);
              setRefused(undefined);
              return false;
            }}
            onRemove={() => setFile(undefined)}>
            <p style={{ margin: 0, fontSize: 28 }}><InboxOutlined /></p>
            <p style={{ margin: '4px 0' }}>{t('choose')}</p>
            <p style={{ margin: 0, color: 'var(--svod-color-text-secondary)' }}>{t('formats')}</p>
          </Upload.Dragger>
          <Checkbox checked={update} disabled={busy} onChange={(e) => setUpdate(e.target.checked)}>{t('update')}</Checkbox>
          <span style={{ color: 'var(--svod-color-text-secondary)' }}>{t(update ? 'updateHint' : 'newHint')}</span>
          <Button type="link" icon={<DownloadOutlined />} style={{ alignSelf: 'flex-start', padding: 0 }} onClick={() => void act(() => api.download('/devices/template.xlsx'))}>{t('template')}</Button>
          {refused && <Mistakes refused={refused} />}
        </Flex>
      )}
    </Modal>
  );
}
