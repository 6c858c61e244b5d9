// A form of settings on a page that asks again every few seconds: what the form was filled from stays what is compared with.
import { useQueryClient } from '@tanstack/react-query';
import { Form } from 'antd';
import { useState } from 'react';
import { api } from '../api/client';
import { useCarefulSave } from '../parts/changed';

export function useSeenForm<T extends { revision: number }>(path: string, first: T, pick: (settings: T) => object, label: (field: string) => string) {
  const [form] = Form.useForm();
  const [seen, setSeen] = useState(first);
  const client = useQueryClient();
  const careful = useCarefulSave();
  const save = async (mine: object) => {
    await careful<T>({ seen, mine, form, onTaken: setSeen, patch: (fields) => api.patch(path, fields), fresh: () => api.get<T>(path), label });
    const now = await api.get<T>(path);
    setSeen(now);
    form.setFieldsValue(pick(now));
    await client.invalidateQueries({ queryKey: [path] });
  };
  return { form, save };
}
