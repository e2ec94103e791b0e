"""OData, versions 2 and 4: SAP, Microsoft Dynamics and others tell in ``$metadata`` what they hold."""
