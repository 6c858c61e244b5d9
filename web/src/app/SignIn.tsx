// Signing in: name and password, then the second factor when it is on (S3 2.2.2).
import { LockOutlined, UserOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '../api/client';
import { becomes, type Me } from '../api/session';
import { Front } from './Front';

interface Words {
  login: string;
  password: string;
  code?: string;
}

export default function SignIn() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [codeWanted, setCodeWanted] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  useEffect(() => void (document.title = 'Svod'), []);
  const enter = async (words: Words) => {
    setBusy(true);
    setProblem(undefined);
    try {
      becomes(client, await api.post<Me>('/session', words));
    } catch (e) {
      if (e instanceof ApiError && e.code === 'code-required') setCodeWanted(true);
      else setProblem(e instanceof Error ? e.message : String(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Front>
      <Form<Words> layout="vertical" onFinish={enter} requiredMark={false}>
        {problem && <Alert type="error" showIcon title={problem} style={{ marginBottom: 16 }} role="alert" />}
        <Form.Item name="login" label={t('signIn.login')} rules={[{ required: true, message: t('required') }]}>
          <Input prefix={<UserOutlined />} autoComplete="username" autoFocus size="large" maxLength={64} />
        </Form.Item>
        <Form.Item name="password" label={t('signIn.password')} rules={[{ required: true, message: t('required') }]}>
          <Input.Password prefix={<LockOutlined />} autoComplete="current-password" size="large" maxLength={64} />
        </Form.Item>
        {codeWanted && (
          <Form.Item name="code" label={t('signIn.code')} extra={t('signIn.codeHint')} rules={[{ required: true, message: t('required') }]}>
            <Input autoComplete="one-time-code" autoFocus size="large" maxLength={16} />
          </Form.Item>
        )}
        <Button type="primary" htmlType="submit" size="large" block loading={busy}>{t('signIn.enter')}</Button>
      </Form>
      <p className="quiet" style={{ margin: '16px 0 0' }}>{t('signIn.hint')}</p>
    </Front>
  );
}
