"""Extensions and libraries of others, from workshops; and how a workshop tries them."""

from vishwakarma_app.workshop.catalogue import Catalogue
from vishwakarma_app.workshop.installed import (
    Installed,
    InstalledExtension,
    NotLoaded,
    Offer,
    State,
)
from vishwakarma_app.workshop.trial import TRIAL, ExtensionTrial
from vishwakarma_app.workshop.workshops import AddedWorkshop, Workshops, data_folder

__all__ = [
    "TRIAL",
    "AddedWorkshop",
    "Catalogue",
    "ExtensionTrial",
    "Installed",
    "InstalledExtension",
    "NotLoaded",
    "Offer",
    "State",
    "Workshops",
    "data_folder",
]
