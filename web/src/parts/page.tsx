// The head of a page: its title, what can be done, and the page below.
import { LeftOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

interface PageProps {
  title: ReactNode;
  /** Address of the page above. */
  back?: string;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
}

export function PageFrame({ title, back, actions, children }: PageProps) {
  const { t } = useTranslation('app');
  return (
    <div className="page">
      <div className="page-head">
        {back && <Tooltip title={t('back')}><Link to={back} aria-label={t('back')}><Button type="text" icon={<LeftOutlined />} tabIndex={-1} aria-hidden /></Link></Tooltip>}
        <h1>{title}</h1>
        <span className="grow" />
        {actions}
      </div>
      {children}
    </div>
  );
}
