"""What people make: pages, verbs and media."""

from django.urls import path

from generations.views import assets, compare, create, gallery, home, jobs, media, models, prompts, webhooks

urlpatterns = [
    path("", home.home, name="home"),
    path("create/", create.create, name="create"),
    path("create/quote/", create.quote, name="quote"),
    path("create/fields/", create.create_fields, name="create-fields"),
    path("create/batch/", create.create_batch, name="create-batch"),
    path("create/variables/", create.create_variables, name="create-variables"),
    path("prompts/", prompts.prompts, name="prompts"),
    path("prompts/menu/", prompts.prompts_menu, name="prompts-menu"),
    path("prompts/new/", prompts.prompt_new, name="prompt-new"),
    path("prompts/<int:prompt_id>/", prompts.prompt, name="prompt"),
    path("prompts/<int:prompt_id>/delete/", prompts.prompt_delete, name="prompt-delete"),
    path("compare/", compare.compare, name="compare"),
    path("jobs/", create.job_create, name="job-create"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("jobs/<uuid:job_id>/retry/", jobs.job_retry, name="job-retry"),
    path("jobs/<uuid:job_id>/give-up/", jobs.job_give_up, name="job-give-up"),
    path("jobs/<uuid:job_id>/adopt/", jobs.job_adopt, name="job-adopt"),
    path("jobs/<uuid:job_id>/resave/", jobs.job_resave, name="job-resave"),
    path("jobs/<uuid:job_id>/delete/", jobs.job_delete, name="job-delete"),
    path("models/", models.models, name="models"),
    path("models/pick/", models.models_pick, name="models-pick"),
    path("models/by-id/", models.model_by_id, name="model-by-id"),
    path("models/favourite/", models.model_favourite, name="model-favourite"),
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
