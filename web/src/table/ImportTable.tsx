// A table from a file: its own JSON, or the text list of УТМЦ. Tried on the server, shown in the table, written by the person.
import { InboxOutlined } from '@ant-design/icons';
import { Alert, Button, Flex, Modal, Radio, Select, Upload } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '../api/client';
import type { Interface, Taken } from './draft';

interface Props {
  interfaces: Interface[];
  onTaken: (taken: Taken, replace: boolean) => void;
  onClose: () => void;
}

export function ImportTable({ interfaces, onTaken, onClose }: Props) {
  const { t } = useTranslation('table');
  const [file, setFile] = useState<File>();
  const [replace, setReplace] = useState(true);
  const [over, setOver] = useState(0);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string[]>();
  const json = !!file && /\.json$/i.test(file.name);
  const run = async () => {
    if (!file) return;
    setBusy(true);
    try {
      const body = new Blob([file], { type: json ? 'application/json' : 'text/csv' });
      const answer = await api.upload(json ? '/table/import.json' : '/table/import.txt', body, { dry_run: true, replace, interface: json ? undefined : over || undefined });
      onTaken(await answer.json() as Taken, replace);
      onClose();
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      setRefused(e.fields.length ? e.fields.map((f) => `${f.field}: ${f.message}`) : [e.message]);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open title={t('import.title')} onCancel={onClose} width={560} mask={{ closable: false }} footer={
      <Flex gap={8}><Button type="primary" disabled={!file} loading={busy} onClick={() => void run()}>{t('import.run')}</Button><Button onClick={onClose}>{t('app:cancel')}</Button></Flex>
    }>
      <Flex vertical gap={12}>
        <Upload.Dragger accept=".json,.txt,.csv" maxCount={1} fileList={file ? [{ uid: '1', name: file.name, status: 'done' }] : []} onRemove={() => setFile(undefined)}
          beforeUpload={(chosen) => {
            setFile(chosen);
            setRefused(undefined);
            setReplace(/\.json$/i.test(chosen.name));
            return false;
          }}>
          <p style={{ margin: 0, fontSize: 28 }}><InboxOutlined /></p>
          <p style={{ margin: '4px 0' }}>{t('import.choose')}</p>
          <p style={{ margin: 0, color: 'var(--svod-color-text-secondary)' }}>{t('import.formats')}</p>
        </Upload.Dragger>
        <Radio.Group value={replace} onChange={(e) => setReplace(e.target.value as boolean)} options={[{ value: false, label: t('import.add') }, { value: true, label: t('import.replace') }]} />
        {file && !json && (
          <label style={{ display: 'grid', gap: 4 }}>{t('import.interface')}
            <Select value={over} onChange={setOver} aria-label={t('import.interface')} options={[{ value: 0, label: t('import.byNumber') }, ...interfaces.filter((link) => !link.hub).map((link) => ({ value: link.id, label: link.title }))]} />
          </label>
        )}
        <span className="quiet">{t('import.hint')}</span>
        {refused && <Alert type="error" showIcon title={t('import.refused')} description={refused.slice(0, 10).map((line) => <div key={line}>{line}</div>)} />}
      </Flex>
    </Modal>
  );
}
