"""Fills a new Tryton database through proteus, Tryton's own client: a year of sales, invoices, shipments and leads.

    .systems/tryton/bin/python tests/systems/tryton/seed.py CONFIG DATABASE

Everything follows from a fixed random seed, so that each database that is made holds the same. It prints keys of the
REST application as JSON: of somebody who may read what KPIs need, and of somebody who may not read invoices.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, create_tax, get_accounts
from trytond.modules.account_invoice.tests.tools import create_payment_term, set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company

FIRST, LAST = date(2025, 11, 3), date(2026, 10, 28)
SALES, LEADS = 24, 30
RANDOM = random.Random(20)


def main(settings: str, database: str) -> None:
    connection = config.set_trytond(database, config_file=settings)
    connection.skip_warning = True
    create_company(currency=euro())
    create_chart()
    books()
    everything = Company()
    for day in days(SALES):
        everything.sell(day)
    for day in days(LEADS):
        everything.pursue(day)
    print(json.dumps({"reader": key("reader", READABLE), "clerk": key("clerk", READABLE - INVOICES)}))


def euro() -> Any:
    found = Model.get("currency.currency")(name="Euro", symbol="€", code="EUR")
    found.rounding = Decimal("0.01")
    found.rates.new(date=FIRST - timedelta(days=900), rate=Decimal(1))
    found.save()
    return found


def books() -> None:
    """Fiscal years that contain every date."""
    for year in (2025, 2026):
        whole = (date(year, 1, 1), date(year, 12, 31))
        fiscal = set_fiscalyear_invoice_sequences(create_fiscalyear(today=whole))
        fiscal.start_date, fiscal.end_date = whole
        fiscal.click("create_period")


def days(count: int) -> list[date]:
    """Dates in order, so that invoices get their numbers in order."""
    return sorted(FIRST + timedelta(days=RANDOM.randrange((LAST - FIRST).days)) for _ in range(count))


class Company:
    """The products, customers and terms that sales are made of."""

    def __init__(self) -> None:
        accounts = get_accounts()
        tax = create_tax(Decimal("0.20"))
        tax.save()
        category = Model.get("product.category")(name="Goods", accounting=True)
        category.account_expense, category.account_revenue = accounts["expense"], accounts["revenue"]
        category.customer_taxes.append(tax)
        category.save()
        [unit] = Model.get("product.uom").find([("name", "=", "Unit")])
        self.products = []
        for name, price, cost in (("Lamp", "49.90", "21.35"), ("Desk", "319", "190.10"), ("=1+1 Chair", "89.99", "40")):
            template = Model.get("product.template")(name=name, default_uom=unit, type="goods", salable=True)
            template.list_price, template.account_category = Decimal(price), category
            template.save()
            [product] = template.products
            product.cost_price = Decimal(cost)
            product.save()
            self.products.append(product)
        self.term = create_payment_term()
        self.term.save()
        self.customers = [self.party(f"Customer {number}") for number in range(1, 8)]
        employee = Model.get("company.employee")(party=self.party("Employee"))
        employee.save()
        self.employee = employee
        journal = Model.get("account.journal").find([("type", "=", "cash")])[0]
        self.cash = Model.get("account.invoice.payment.method")(name="Cash", journal=journal)
        self.cash.credit_account = self.cash.debit_account = accounts["cash"]
        self.cash.save()
        self.stock()

    def party(self, name: str) -> Any:
        found = Model.get("party.party")(name=name)
        found.save()
        return found

    def stock(self) -> None:
        """Enough of everything."""
        [storage] = Model.get("stock.location").find([("code", "=", "STO")])
        inventory = Model.get("stock.inventory")(location=storage, date=FIRST - timedelta(days=1))
        for product in self.products:
            line = inventory.lines.new(product=product)
            line.quantity, line.expected_quantity = 10_000.0, 0.0
        inventory.click("confirm")

    def sell(self, day: date) -> None:
        """A sale that ends as a draft, a quotation, cancelled, or shipped, invoiced and perhaps paid."""
        sale = Model.get("sale.sale")(party=RANDOM.choice(self.customers), payment_term=self.term, sale_date=day)
        sale.invoice_method = "order"
        for product in RANDOM.sample(self.products, RANDOM.randint(1, 3)):
            line = sale.lines.new(product=product)
            line.quantity = float(RANDOM.randint(1, 9))
        sale.save()
        fate = RANDOM.random()
        if fate < 0.08:
            return
        if fate < 0.14:
            sale.click("cancel")
            return
        sale.click("quote")
        if fate < 0.24:
            return
        sale.click("confirm")
        for shipment in sale.shipments if fate < 0.9 else ():
            shipment.effective_date = day + timedelta(days=RANDOM.choice((1, 2, 2, 3, 5, 8)))
            for step in ("assign_force", "pick", "pack", "do"):
                shipment.click(step)
        sale.reload()
        for invoice in sale.invoices:
            invoice.reload()
            if invoice.state != "draft":
                continue
            invoice.invoice_date = day
            invoice.click("post")
            if RANDOM.random() < 0.6:
                pay = invoice.click("pay")
                pay.form.payment_method, pay.form.date = self.cash, day + timedelta(days=20)
                pay.execute("choice")

    def pursue(self, day: date) -> None:
        """A lead that stays one, becomes an opportunity, is converted into a sale, or is lost."""
        lead = Model.get("sale.opportunity")(description="Furniture", start_date=day)
        lead.party = RANDOM.choice(self.customers)
        lead.address = lead.party.addresses[0]
        lead.payment_term, lead.employee = self.term, self.employee
        lead.amount = Decimal(RANDOM.randrange(10_000, 900_000)) / 100
        lead.save()
        fate = RANDOM.random()
        if fate < 0.3:
            return
        lead.click("opportunity")
        if fate < 0.5:
            return
        if fate < 0.7:
            lead.click("lost")
            return
        lead.click("convert")


INVOICES = frozenset({"account.invoice", "account.invoice.line"})
READABLE = INVOICES | {
    "sale.sale",
    "sale.line",
    "sale.opportunity",
    "stock.shipment.out",
    "stock.move",
    "product.product",
    "product.template",
    "party.party",
    "company.company",
    "currency.currency",
}


def key(login: str, models: frozenset[str]) -> str:
    """The key of a new user who may read these models and write nothing."""
    group = Model.get("res.group")(name=login)
    group.save()
    access = Model.get("ir.model.access")
    for name in sorted(READABLE):
        rule = access(model=name, group=group, perm_read=name in models)
        rule.perm_write = rule.perm_create = rule.perm_delete = False
        rule.save()
    user = Model.get("res.user")(name=login, login=login, email=f"{login}@example.org")
    user.groups.append(group)
    [company] = Model.get("company.company").find([])
    user.companies.append(company)
    user.company = company
    user.save()
    application = Model.get("res.user.application")(user=user, application="rest")
    application.save()
    return str(application.key)


if __name__ == "__main__":
    main(*sys.argv[1:])
