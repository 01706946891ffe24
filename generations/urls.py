"""What people make: pages, verbs and media."""

from django.urls import path

from generations.views import assets, create, gallery, home, jobs, media, webhooks

urlpatterns = [
    path("", home.home, name="home"),
    path("create/", create.create, name="create"),
    path("create/quote/", create.quote, name="quote"),
    path("jobs/", create.job_create, name="job-create"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("jobs/<uuid:job_id>/retry/", jobs.job_retry, name="job-retry"),
    path("jobs/<uuid:job_id>/give-up/", jobs.job_give_up, name="job-give-up"),
    path("jobs/<uuid:job_id>/adopt/", jobs.job_adopt, name="job-adopt"),
    path("jobs/<uuid:job_id>/resave/", jobs.job_resave, name="job-resave"),
    path("jobs/<uuid:job_id>/delete/", jobs.job_delete, name="job-delete"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/delete/", gallery.gallery_delete, name="gallery-delete"),
    path("gallery/restore/", gallery.gallery_restore, name="gallery-restore"),
    path("media/<uuid:job_id>/<int:position>/", media.output_original, name="output"),
    path("media/<uuid:job_id>/<int:position>/<str:size>/", media.output_preview, name="output-preview"),
    path("assets/", assets.asset_create, name="assets"),
    path("assets/<uuid:asset_id>/", assets.asset, name="asset"),
    path("assets/<uuid:asset_id>/thumbnail/", assets.asset_thumbnail, name="asset-thumbnail"),
    path("assets/<uuid:asset_id>/delete/", assets.asset_delete, name="asset-delete"),
    path("inputs/", assets.input_list, name="inputs"),
    path("inputs/<str:token>/<str:name>", assets.signed_input, name="input"),
    path("webhooks/<str:token>/", webhooks.webhook, name="webhook"),
]
