using { erp } from '../db/schema';

@requires: 'authenticated-user'
service API_SALES_ORDER_SRV {
  @readonly @restrict: [{ grant: 'READ', to: 'sales' }]
  entity A_SalesOrder as projection on erp.SalesOrder;
  @readonly @restrict: [{ grant: 'READ', to: 'billing' }]
  entity A_BillingDocument as projection on erp.BillingDocument;
}
