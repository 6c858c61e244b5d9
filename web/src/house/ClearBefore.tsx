// Deleting what is old of a log: the person says before when, and is asked again.
import { DeleteOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button, DatePicker, Popover, Space } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client';
import { useDestructive } from '../parts/acts';

export function ClearBefore({ path }: { path: string }) {
  const { t } = useTranslation('house');
  const destroy = useDestructive();
  const client = useQueryClient();
  const [day, setDay] = useState<Dayjs | null>(dayjs().subtract(30, 'day').startOf('day'));
  const [open, setOpen] = useState(false);
  const ask = async () => {
    const before = day!.toDate().toISOString().slice(0, 19);
    setOpen(false);
    const { total } = await api.get<{ total: number }>(path, { to: before, page: 1, size: 1 });
    destroy({
      title: t('clear.title', { day: day!.format('DD.MM.YYYY') }), content: t('clear.count', { count: total }), okText: t('app:delete'), done: t('clear.done'),
      act: async () => { await api.delete(path, { before }); await client.invalidateQueries({ queryKey: [path] }); },
    });
  };
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomRight" title={t('clear.before')}
      content={<Space.Compact><DatePicker value={day} onChange={setDay} allowClear={false} aria-label={t('clear.before')} format="DD.MM.YYYY" /><Button danger disabled={!day} onClick={() => void ask()}>{t('app:delete')}</Button></Space.Compact>}>
      <Button icon={<DeleteOutlined />}>{t('clear.button')}</Button>
    </Popover>
  );
}
