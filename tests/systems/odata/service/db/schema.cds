namespace erp;

entity SalesOrder {
  key SalesOrder          : String(10);
  SalesOrderDate          : Date;
  SoldToParty             : String(10);
  TotalNetAmount          : Decimal(15, 2);
  TransactionCurrency     : String(5);
  OverallSDProcessStatus  : String(1);
  RequestedDeliveryDate   : Date;
  LastChangeDateTime      : Timestamp;
  Items                   : Integer;
  Probability             : Double;
  IsComplete              : Boolean;
  Pieces                  : Integer64;
}

entity BillingDocument {
  key BillingDocument     : String(10);
  BillingDocumentDate     : Date;
  TotalNetAmount          : Decimal(15, 2);
}
