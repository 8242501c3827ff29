-- title: Campaigns by return on ad spend
-- chart: bar x=name y=roas
-- people: customers
select
  name,
  channel,
  spend,
  orders,
  customers,
  revenue,
  roas,
  cost_per_order,
  conversion_percent
from gold.shop_campaign_roi
order by roas desc nulls last, name
