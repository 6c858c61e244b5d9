// «Конструктор действия» (S3 2.2.5): what shall be read of, or told to, the devices chosen; a one-off order.
import { Alert, App, Button, Modal } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '../api/client';
import { useMay } from '../api/session';
import { Outcome } from './Outcome';
import { isEmpty, nothing, switches, type Chosen, type Run, type Work } from './types';
import { freshKey, workText, type Words } from './words';
import { WorkEditor } from './WorkEditor';

export default function ActionConstructor({ devices, onClose }: { devices: Chosen[]; onClose: () => void }) {
  const { t } = useTranslation('collection');
  const { modal } = App.useApp();
  const may = useMay();
  const [work, setWork] = useState<Work>(nothing);
  const [reason, setReason] = useState('');
  const [trouble, setTrouble] = useState<string>();
  const [reasonProblem, setReasonProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [run, setRun] = useState<number>();
  const key = useMemo(freshKey, [work, reason]); // one order, however often it is sent: its answer may have been lost
  const start = async () => {
    setBusy(true);
    setTrouble(undefined);
    try {
      const made = await api.post<Run>('/runs', { title: t('actions.constructor'), devices: devices.map((device) => device.id), work, reason, request: key });
      setRun(made.id);
    } catch (e) {
      const field = e instanceof ApiError ? e.fields.find((f) => f.field === 'reason') : undefined;
      if (field) setReasonProblem(field.message);
      else setTrouble(e instanceof Error ? e.message : String(e));
    } finally {
      setBusy(false);
    }
  };
  const ask = () => {
    if (isEmpty(work)) return setTrouble(t('wizard.needWork'));
    if (!switches(work)) return void start();
    if (!reason.trim()) return setReasonProblem(t('wizard.needReason'));
    modal.confirm({
      title: t('actions.confirmSwitch', { count: devices.length }), content: workText({ ...nothing, commands: work.commands }, t as Words), okText: t('actions.start'), okButtonProps: { danger: true },
      cancelText: t('app:cancel'), onOk: start,
    });
  };
  const close = () => {
    if (run || isEmpty(work)) return onClose();
    modal.confirm({ title: t('app:unsaved.title'), content: t('app:unsaved.hint'), okText: t('app:unsaved.leave'), okButtonProps: { danger: true }, cancelText: t('app:unsaved.stay'), onOk: onClose });
  };
  return (
    <Modal open title={t('actions.constructor')} onCancel={close} footer={null} width={run ? 600 : 900} mask={{ closable: false }}>
      <div style={{ display: 'grid', gap: 12 }} data-testid="constructor">
        {trouble && <Alert type="error" showIcon title={trouble} role="alert" />}
        {run ? <Outcome id={run} onClose={onClose} /> : (
          <>
            <div>{t('relays.of', { count: devices.length })}: {devices.slice(0, 4).map((device) => device.serial).join(', ')}{devices.length > 4 && '…'}</div>
            <WorkEditor value={work} onChange={setWork} reason={reason} onReason={(text) => { setReason(text); setReasonProblem(undefined); }} mayControl={may('Write.Devices')} reasonProblem={reasonProblem} />
            <div className="toolbar">
              <Button type="primary" loading={busy} onClick={ask}>{t('actions.start')}</Button>
              <Button onClick={close}>{t('app:cancel')}</Button>
            </div>
          </>
        )}
      </div>
    </Modal>
  );
}
