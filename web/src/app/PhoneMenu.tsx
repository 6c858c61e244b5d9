// The menu where there is no room beside the page.
import { Drawer } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export default function PhoneMenu({ open, close, children }: { open: boolean; close: () => void; children: ReactNode }) {
  const { t } = useTranslation('app');
  return <Drawer open={open} onClose={close} placement="left" size={270} styles={{ body: { padding: 0 } }} title={t('product')}>{children}</Drawer>;
}
