// A given password is changed before anything else (S3 2.2.2).
import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { passwordRules } from '../parts/password';
import { putFieldErrors } from '../parts/forms';
import { Front } from './Front';

interface Words {
  former: string;
  password: string;
  again: string;
}

export default function FirstPassword() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form] = Form.useForm<Words>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const change = async ({ former, password }: Words) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await api.post('/session/password', { former, password });
      await client.invalidateQueries({ queryKey: ['session'] });
    } catch (e) {
      if (!putFieldErrors(form, e)) setProblem(e instanceof Error ? e.message : String(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Front>
      <h2 style={{ fontSize: 17, margin: '0 0 8px' }}>{t('firstPassword.title')}</h2>
      <p className="quiet">{t('firstPassword.hint')}</p>
      <Form<Words> form={form} layout="vertical" onFinish={change} requiredMark={false}>
        {problem && <Alert type="error" showIcon title={problem} style={{ marginBottom: 16 }} role="alert" />}
        <Form.Item name="former" label={t('firstPassword.former')} rules={[{ required: true, message: t('required') }]}>
          <Input.Password autoComplete="current-password" size="large" maxLength={64} autoFocus />
        </Form.Item>
        <Form.Item name="password" label={t('firstPassword.password')} extra={t('passwordRules')} rules={passwordRules(t)}>
          <Input.Password autoComplete="new-password" size="large" maxLength={64} />
        </Form.Item>
        <Form.Item name="again" label={t('firstPassword.again')} dependencies={['password']}
          rules={[({ getFieldValue }) => ({ validator: (_, value) => (value === getFieldValue('password') ? Promise.resolve() : Promise.reject(new Error(t('firstPassword.differ')))) })]}>
          <Input.Password autoComplete="new-password" size="large" maxLength={64} />
        </Form.Item>
        <Button type="primary" htmlType="submit" size="large" block loading={busy}>{t('firstPassword.change')}</Button>
      </Form>
    </Front>
  );
}
