// The second factor: the picture for the telephone, its confirmation by a code, recovery codes, taking it off.
import { CopyOutlined, PrinterOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Card, Form, Input, Modal, Typography } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError, saveBlob, type Answer } from '../api/client';
import type { Me } from '../api/session';
import { State } from '../parts/state';

type Begun = Answer<'/api/v1/session/totp', 'post'>;

/** The picture that authenticator apps read. */
function Picture({ uri, secret }: { uri: string; secret: string }) {
  const { t } = useTranslation('settings');
  const [picture, setPicture] = useState<string>();
  useEffect(() => {
    let wanted = true;
    void import('qrcode').then((qr) => qr.toDataURL(uri, { margin: 2, width: 220 })).then((made) => void (wanted && setPicture(made)));
    return () => void (wanted = false);
  }, [uri]);
  return (
    <div style={{ textAlign: 'center' }}>
      {picture && <img src={picture} width={220} height={220} alt={t('totp.picture')} />}
      <div><Typography.Text copyable className="mono" data-testid="totp-secret">{secret}</Typography.Text></div>
    </div>
  );
}

function RecoveryCodes({ codes }: { codes: string[] }) {
  const { t } = useTranslation('settings');
  const { message } = App.useApp();
  const text = codes.join('\n');
  return (
    <>
      <Alert type="warning" showIcon title={t('totp.codesHint')} style={{ marginBottom: 12 }} />
      <div className="mono" data-testid="recovery-codes" style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 6, fontSize: 15 }}>{codes.map((code) => <span key={code}>{code}</span>)}</div>
      <div className="toolbar" style={{ marginTop: 12 }}>
        <Button icon={<CopyOutlined />} onClick={() => void navigator.clipboard?.writeText(text).then(() => message.success(t('totp.copied')))}>{t('totp.copy')}</Button>
        <Button icon={<PrinterOutlined />} onClick={() => saveBlob(new Blob([`${text}\n`], { type: 'text/plain' }), 'svod-codes.txt')}>{t('totp.save')}</Button>
      </div>
    </>
  );
}

/** The steps of turning it on, or one question to turn it off. */
function FactorDialog({ off, onClose }: { off: boolean; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const [form] = Form.useForm();
  const [begun, setBegun] = useState<Begun>();
  const [codes, setCodes] = useState<string[]>();
  const [busy, setBusy] = useState(false);
  const { message } = App.useApp();
  const step = async (field: string, act: () => Promise<void>) => {
    setBusy(true);
    try {
      await act();
    } catch (e) {
      if (e instanceof ApiError && (e.code === 'wrong' || e.fields.length)) form.setFields([{ name: field, errors: [e.code === 'wrong' ? t(`totp.wrong.${field}`) : e.fields[0].message] }]);
      else void message.error(e instanceof Error ? e.message : String(e));
    } finally {
      setBusy(false);
    }
  };
  const confirm = ({ password }: { password: string }) => step('password', async () => {
    if (off) {
      await api.post('/session/totp/off', { password });
      await client.invalidateQueries({ queryKey: ['session'], exact: true });
      void message.success(t('totp.offDone'));
      onClose();
    } else setBegun(await api.post<Begun>('/session/totp', { password }));
  });
  const turnOn = ({ code }: { code: string }) => step('code', async () => {
    setCodes((await api.post<{ codes: string[] }>('/session/totp/confirm', { code })).codes);
    await client.invalidateQueries({ queryKey: ['session'], exact: true });
  });
  return (
    <Modal open title={t('totp.title')} onCancel={onClose} mask={{ closable: false }} footer={codes ? <Button type="primary" onClick={onClose}>{t('totp.kept')}</Button> : null}>
      {codes ? <RecoveryCodes codes={codes} /> : (
        <Form form={form} name="factor" layout="vertical" onFinish={(words) => void (begun ? turnOn(words) : confirm(words))}>
          {!begun && <Form.Item name="password" label={t('totp.password')} rules={[{ required: true, message: t('app:required') }]}><Input.Password autoComplete="current-password" maxLength={64} autoFocus /></Form.Item>}
          {begun && (
            <>
              <Typography.Paragraph>{t('totp.scan')}</Typography.Paragraph>
              <Picture uri={begun.uri} secret={begun.secret} />
              <Form.Item name="code" label={t('totp.code')} rules={[{ required: true, pattern: /^\d{6}$/, message: t('totp.sixDigits') }]}><Input inputMode="numeric" autoComplete="one-time-code" maxLength={6} autoFocus /></Form.Item>
            </>
          )}
          <Button type="primary" danger={off} htmlType="submit" loading={busy}>{t(off ? 'totp.turnOff' : begun ? 'totp.confirm' : 'totp.next')}</Button>
        </Form>
      )}
    </Modal>
  );
}

export function SecondFactor({ me }: { me: Me }) {
  const { t } = useTranslation('settings');
  const [open, setOpen] = useState<'on' | 'off'>();
  return (
    <Card size="small" title={t('totp.title')}>
      <Typography.Paragraph>{t('totp.hint')}</Typography.Paragraph>
      <div className="toolbar">
        <State kind={me.totp ? 'ok' : 'never'}>{t(me.totp ? 'totp.on' : 'totp.off')}</State>
        <Button danger={me.totp} onClick={() => setOpen(me.totp ? 'off' : 'on')}>{t(me.totp ? 'totp.turnOff' : 'totp.turnOn')}</Button>
      </div>
      {open && <FactorDialog off={open === 'off'} onClose={() => setOpen(undefined)} />}
    </Card>
  );
}
