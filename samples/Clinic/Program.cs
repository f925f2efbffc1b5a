using Clinic;
using Clinic.Patients;
using Clinic.Redis;
using Clinic.Statistics;
using Clinic.Telemetry;
using Clinic.Visits;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
{
    builder.WebHost.UseUrls("http://localhost:5080");
}

builder.WebHost.ConfigureKestrel(options => options.Limits.MaxRequestBodySize = PatientRules.MaximumBodyBytes);

RedisServer? configured = RedisServer.FindConfigured(builder.Configuration);
// Declared before the application, so that it is disposed after it: the cache never sees its server go away.
using EmbeddedRedis? embedded = configured is null ? EmbeddedRedis.StartNew() : null;

builder.Services.AddPrimaRedisCache(options =>
{
    options.InstanceName = "clinic:";
    options.ServerSamplingInterval = TimeSpan.FromSeconds(10);
    if (embedded is not null)
    {
        options.Configuration = embedded.Address;
    }
});

builder.Services.AddSession(options =>
{
    options.Cookie.Name = "clinic-session";
    options.Cookie.SameSite = SameSiteMode.Strict;
    options.Cookie.IsEssential = true;
});
builder.Services.AddProblemDetails();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(configured ?? embedded!.Server);
builder.Services.AddSingleton<ReadStatistics>();
builder.Services.AddPatients();
builder.Services.AddTelemetry();

var app = builder.Build();
// Whoever develops may try an outage; nobody else can stop the server.
EmbeddedRedis? stoppable = app.Environment.IsDevelopment() ? embedded : null;
app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseClinicHeaders();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapPatients();
app.MapStatistics(stoppable);
app.MapVisits();
app.MapTelemetry();
if (stoppable is not null)
{
    app.MapOutage(stoppable);
}

if (embedded is not null)
{
    Log.EmbeddedRedisStarted(app.Logger, embedded.Server.Name);
}
else
{
    Log.RedisUsed(app.Logger, configured!.Name);
}

app.Run();
